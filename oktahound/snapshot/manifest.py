"""The manifest of a saved snapshot: the list of its row files, and the snapshot's other attributes.

It contains a digest of itself and of every file. The digests detect accidents and careless edits. An attacker
can compute them too, so the type of every value is checked as well.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeGuard, TypeVar, cast

import attrs
import orjson
from cattrs.gen import make_dict_structure_fn, override

from oktahound.entities import camel, make_converter, per_class, type_name
from oktahound.snapshot.gaps import Gap
from oktahound.snapshot.interruptions import Interruption

__all__ = [
    "FORMAT",
    "VERSION",
    "File",
    "Manifest",
    "UnknownFormatError",
    "digest_of_manifest",
    "listed_files",
    "make_reader",
]

T = TypeVar("T")

FORMAT = "oktahound snapshot"
VERSION = 1


class UnknownFormatError(ValueError):
    """The file is not a manifest of a snapshot, or its format has another version."""


@attrs.frozen(kw_only=True)
class File:
    """One file of rows.

    Attributes:
        rows: the number of rows.
        bytes: the unpacked size in bytes.
        sha256: the SHA-256 of the unpacked bytes, in hexadecimal.
    """

    rows: int = attrs.field(validator=attrs.validators.ge(0))
    bytes: int = attrs.field(validator=attrs.validators.ge(0))
    sha256: str


@attrs.frozen(kw_only=True)
class Manifest:
    """The content of a manifest: the attributes of `oktahound.Snapshot` except its rows, and the row files.

    `files` maps the `PLURAL` of each entity to its file.
    """

    domain: str
    organization: str
    started_at: datetime
    collected_at: datetime
    asked: tuple[str, ...]
    options: dict[str, str | bool]
    files: dict[str, File]
    gaps: tuple[Gap, ...]
    interruptions: tuple[Interruption, ...] = ()
    format: str = FORMAT
    version: int = VERSION

    def to_json(self) -> bytes:
        """Serialize to the text of ``manifest.json``.

        Raises:
            TypeError: a string contains half of a surrogate pair, which UTF-8 cannot encode.
        """
        content = self.content()
        return orjson.dumps({"digest": _digest(content), "snapshot": content}, option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Parse and check the text of ``manifest.json``.

        Raises:
            UnknownFormatError: the text is not a manifest, or its format has another version.
            ValueError: the manifest is damaged or was edited.
        """
        content = _unwrapped(text)
        try:
            manifest = make_reader(cls)(content, cls)
        except KeyError as error:
            raise ValueError(f"{error} is missing") from None
        except (TypeError, AttributeError) as error:
            raise ValueError(str(error)) from None
        if manifest.content() != content:
            raise ValueError("the snapshot has an unknown key, or a value that oktahound does not write")
        return manifest

    def content(self) -> dict[str, Any]:
        """Convert to the JSON object under ``snapshot`` in the file."""
        known = {camel(each.name): getattr(self, each.name) for each in attrs.fields(type(self))}
        known["files"] = {name: attrs.asdict(file) for name, file in self.files.items()}
        known["gaps"] = [gap.as_dict() for gap in self.gaps]
        known["interruptions"] = [each.as_dict() for each in self.interruptions]
        if not self.interruptions:  # the key is left out if there were none, as in most snapshots
            del known["interruptions"]
        # Convert to JSON and back, so that digest and comparison use the values that a reader parses.
        content: dict[str, Any] = orjson.loads(orjson.dumps(known))
        return content


def _unwrapped(text: bytes) -> dict[str, Any]:
    manifest = orjson.loads(text)
    content = manifest.get("snapshot") if isinstance(manifest, dict) else None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UnknownFormatError(f"the file is not the manifest of an {FORMAT}")
    version = content.get("version")
    if version != VERSION:
        found = version if isinstance(version, int) else type_name(version)
        raise UnknownFormatError(
            f"the manifest has format version {found}, but this version of oktahound reads version {VERSION}"
        )
    if manifest.keys() != {"digest", "snapshot"}:
        raise ValueError("the top level has keys other than 'digest' and 'snapshot'")
    if manifest["digest"] != _digest(content):
        raise ValueError("its content does not match its digest")
    return content


def _digest(content: dict[str, Any]) -> str:
    try:
        text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # nested deeper than orjson can serialize; no manifest of ours is
        raise ValueError("its values are nested too deeply") from None
    return hashlib.sha256(text).hexdigest()


def digest_of_manifest(text: bytes) -> str | None:
    """Return the digest in a manifest, unchecked; None if the text is not a manifest of a snapshot."""
    return digest if (manifest := _parsed(text)) and _is_digest(digest := manifest.get("digest")) else None


def listed_files(text: bytes) -> frozenset[str] | None:
    """Return the names under ``files`` in a manifest; None if the text is not a manifest of a snapshot.

    The digest is not checked: the files that a damaged or edited manifest lists belong to the snapshot, too.
    """
    if (manifest := _parsed(text)) is None:
        return None
    files = manifest["snapshot"].get("files")
    return frozenset(files) if isinstance(files, dict) else frozenset()


def _parsed(text: bytes) -> dict[str, Any] | None:
    try:
        manifest = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    content = manifest.get("snapshot") if isinstance(manifest, dict) else None
    if not isinstance(content, dict) or content.get("format") != FORMAT or content.get("version") != VERSION:
        return None
    return cast("dict[str, Any]", manifest)


def _is_digest(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


@per_class
def make_reader(cls: type[T]) -> Callable[[dict[str, Any], type[T]], T]:
    """Return a function that parses the JSON form of this class: keys in camelCase, types checked."""
    converter = make_converter()
    converter.register_structure_hook(Gap, lambda saved, _: Gap.from_dict(saved))
    converter.register_structure_hook(Interruption, lambda saved, _: _interruption(saved))
    converter.register_structure_hook(str | bool, _text_or_flag)
    names = [each.name for each in attrs.fields(cast(Any, cls))]
    renames: dict[str, Any] = {name: override(rename=camel(name)) for name in names}
    return make_dict_structure_fn(cls, converter, _cattrs_detailed_validation=False, **renames)


def _interruption(saved: object) -> Interruption:
    if not isinstance(saved, dict):
        raise TypeError(f"expected an object, got {type_name(saved)}")
    return make_reader(Interruption)(saved, Interruption)


def _text_or_flag(value: Any, _: Any) -> str | bool:
    if isinstance(value, str | bool):
        return value
    raise TypeError(f"expected text, true or false, got {type_name(value)}")
