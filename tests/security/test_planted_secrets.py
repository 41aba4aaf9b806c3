"""Secrets in every place where Okta could send one are in no output of a collection."""

from __future__ import annotations

import copy
import gzip
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest

from oktahound import analysis, build_graph, write_opengraph
from oktahound.analysis import pictures
from oktahound.entities import ENTITIES, Application
from oktahound.plot.results import picture_of_result
from oktahound.sinks import arrow
from security.collect_outputs import Outputs, outputs_of, texts_of

PARTS = {"scopes": True, "trust_boundaries": True, "saml": True, "indirect_members": True}
"""Every optional part of the graph."""


@pytest.fixture(scope="module", params=["API token", "private key"])
def outputs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    return outputs_of(request.param, tmp_path_factory.mktemp("outputs"))


def unpacked(folder: Path) -> bytes:
    """Return the unpacked contents of all files in a folder."""
    return b"\n".join(_content(path) for path in sorted(folder.rglob("*")) if path.is_file())


def _content(path: Path) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as packed:
            return b"\n".join(packed.read(name) for name in packed.namelist())
    return path.read_bytes()


def shown(value: Any) -> str:
    """Return the text and the HTML of a value."""
    to_html = getattr(value, "_repr_html_", None)
    return f"{value!r}\n{value}\n{to_html() if to_html else ''}"


def test_the_secrets_were_in_the_responses_and_can_be_found(outputs: Outputs) -> None:
    assert len(outputs.leaks(b"".join(outputs.bodies))) > 100_000
    assert outputs.snapshot.users
    assert outputs.snapshot.client_secrets
    kinds = {kind for _, kind in build_graph(outputs.snapshot, **PARTS).nodes(data="kind")}
    assert {"OktaHound_InlineHook", "OktaHound_SigningKey", "OktaHound_TrustedKey"} <= kinds
    assert {"OktaHound_LogStream", "SAML_ServiceProvider", "SAML_FederationProvider"} <= kinds
    assert outputs.errors


def test_no_secret_is_logged(outputs: Outputs) -> None:
    assert outputs.log
    assert outputs.leaks(outputs.log) == set()


def test_no_secret_is_in_an_error_or_its_causes(outputs: Outputs) -> None:
    assert outputs.leaks("\n".join(map(texts_of, outputs.errors))) == set()


def test_no_secret_is_in_a_repr_or_html(outputs: Outputs) -> None:
    shows = [outputs.snapshot, outputs.client, outputs.auth, outputs.snapshot.gaps, outputs.progress]
    assert outputs.leaks("\n".join(map(shown, shows))) == set()


def test_no_secret_is_in_an_entity(outputs: Outputs) -> None:
    for cls in ENTITIES:
        assert outputs.leaks(repr(outputs.snapshot.rows(cls))) == set()


def test_no_secret_is_in_a_copy_or_a_pickle(outputs: Outputs) -> None:
    assert outputs.leaks(pickle.dumps(outputs.snapshot)) == set()
    assert outputs.leaks(repr(copy.deepcopy(outputs.snapshot).rows(Application))) == set()


def test_no_secret_is_saved(outputs: Outputs, tmp_path: Path) -> None:
    outputs.snapshot.save(tmp_path / "contoso.okta")
    assert outputs.leaks(unpacked(tmp_path)) == set()


def test_no_secret_is_in_an_unfinished_collection(outputs: Outputs) -> None:
    assert list(outputs.unfinished.iterdir())
    assert outputs.leaks(unpacked(outputs.unfinished)) == set()


@pytest.mark.parametrize("form", ["edges", "targets"])
def test_no_secret_is_in_the_graph(outputs: Outputs, form: Any) -> None:
    graph = build_graph(outputs.snapshot, permissions=form, **PARTS)
    content = [dict(graph.nodes(data=True)), list(graph.edges(keys=True, data=True)), graph.graph]
    assert outputs.leaks(repr(content)) == set()


@pytest.mark.parametrize("compress", [False, True])
def test_no_secret_is_in_the_files_for_bloodhound(outputs: Outputs, tmp_path: Path, compress: bool) -> None:
    export = write_opengraph(
        outputs.snapshot,
        tmp_path,
        **PARTS,
        own_kinds=True,
        active_directory=True,
        include_inactive=True,
        compress=compress,
    )
    assert outputs.leaks(unpacked(tmp_path)) == set()
    assert outputs.leaks(shown(export)) == set()


def test_no_secret_is_in_tables(outputs: Outputs, tmp_path: Path) -> None:
    arrow.write_parquet(outputs.snapshot, tmp_path, **PARTS)
    assert outputs.leaks(unpacked(tmp_path)) == set()
    found = arrow.read_parquet(tmp_path)
    assert outputs.leaks(repr([found.nodes.to_pylist(), found.edges.to_pylist()])) == set()


def test_no_secret_is_in_a_result_of_the_analysis(outputs: Outputs, monkeypatch: pytest.MonkeyPatch) -> None:
    # Pictures take most of the time, and are encoded in the HTML. The next test reads them.
    monkeypatch.setattr(pictures, "_has_matplotlib", lambda: False)
    snapshot = outputs.snapshot
    graph = build_graph(snapshot, **PARTS)
    answers = [analysis.findings(snapshot), analysis.diff(snapshot, snapshot)]
    answers += [analysis.blast_radius(graph, hook.id) for hook in snapshot.inline_hooks]
    for integration in snapshot.api_service_integrations:
        answers += [integration.reach(), analysis.blast_radius(graph, integration.id)]
    assert outputs.leaks("\n".join(map(shown, answers))) == set()


def test_no_secret_is_in_a_picture(outputs: Outputs) -> None:
    graph = build_graph(outputs.snapshot, **PARTS)
    hook = outputs.snapshot.inline_hooks[0]
    answers = [analysis.findings(outputs.snapshot), analysis.blast_radius(graph, hook.id)]
    drawings = [picture_of_result(answer).to_svg() for answer in answers]
    assert all("<svg" in drawing for drawing in drawings)
    assert outputs.leaks("\n".join(drawings)) == set()
