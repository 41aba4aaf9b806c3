"""Parsing Link headers: forms that servers and proxies use, and invalid ones."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oktahound.client._links import page_links

NEXT = "https://contoso.okta.com/api/v1/users?after=00u1&limit=200"


def links(*lines: str | bytes):
    raw = [(b"link", line if isinstance(line, bytes) else line.encode()) for line in lines]
    return page_links(httpx.Headers(raw))


@pytest.mark.parametrize(
    "lines",
    [
        [f'<{NEXT}>; rel="next"'],
        ['<https://contoso.okta.com/api/v1/users>; rel="self"', f'<{NEXT}>; rel="next"'],
        [f'<{NEXT}>; rel="next"', '<https://contoso.okta.com/api/v1/users>; rel="self"'],
        [f'<https://contoso.okta.com/api/v1/users>; rel="self", <{NEXT}>; rel="next"'],
        [f'<https://contoso.okta.com/api/v1/users>; rel="self",<{NEXT}>;rel="next"'],
        [f"<{NEXT}>; rel=next"],
        [f"<{NEXT}>; rel='next'"],
        [f'<{NEXT}>; REL="NEXT"'],
        [f'<{NEXT}>; Rel="Next"'],
        [f'<{NEXT}>; rel="last next"'],
        [f'<{NEXT}>; rel="  next\t last "'],
        [f'<{NEXT}>; rel="next https://example.com/relations/page"'],
        [f'<{NEXT}>; title="a, b; rel=prev"; rel="next"'],
        [f'<{NEXT}>; title="\\"quoted\\", <x>"; rel="next"'],
        [f"<{NEXT}>; rel=next; type=application/json; title*=UTF-8''n%c3%a4chste"],
        [f"<{NEXT}>; type=application/json; rel=next; crossorigin"],
        [f'  <{NEXT}>  ;  rel  =  "next"  '],
        [f'\t<{NEXT}>\t;\trel\t=\t"next"\t'],
        [f'< {NEXT} >; rel="next"'],
        [f'<{NEXT}>; rel="next";'],
        [f'<{NEXT}>;; rel="next"; '],
        [f',, <{NEXT}>; rel="next" ,,'],
        ["", f'<{NEXT}>; rel="next"', " "],
        [f'</style.css>; rel=preload; as=style; nopush, <{NEXT}>; rel="next"'],
        [f'<{NEXT}>; rel="next", <{NEXT}>; rel="next"'],
    ],
)
def test_forms_of_a_link_to_the_next_page(lines: list[str]) -> None:
    assert links(*lines).next_url == NEXT


@pytest.mark.parametrize(
    "target",
    [
        "/api/v1/users?after=1",
        "?after=1",
        "users?after=1,2;3",
        "https://a/x?q=a,b,<c".replace("<", "%3C"),
        "",
    ],
)
def test_targets_are_not_changed(target: str) -> None:
    assert links(f'<{target}>; rel="next"').next_url == target


@pytest.mark.parametrize(
    "lines", [[], [""], [f'<{NEXT}>; rel="self"'], [f'<{NEXT}>; rel="prev"', "</x>; rel=preload; as=style"]]
)
def test_a_page_without_a_next_one(lines: list[str]) -> None:
    assert links(*lines).next_url is None


def test_the_self_link_is_parsed() -> None:
    assert links(f'<{NEXT}>; rel="self"').self_url == NEXT
    assert links(f'<{NEXT}>; rel="next"').self_url is None


@pytest.mark.parametrize(
    "lines",
    [
        ["garbage"],
        [NEXT],
        [f'{NEXT}; rel="next"'],
        [f"<{NEXT}"],
        [f'<{NEXT}; rel="next"'],
        [f'<{NEXT}> rel="next"'],
        [f"<{NEXT}>"],
        [f"<{NEXT}>; title=next"],
        [f"<{NEXT}>; rel"],
        [f'<{NEXT}>; rel=""'],
        [f'<{NEXT}>; rel="next'],
        [f"<{NEXT}>; rel=self next"],
        [f"<{NEXT}>; rel:next"],
        [f'<{NEXT}>; rev="next"'],
        [f'<{NEXT}>; rel="next-page"'],
        [f'<{NEXT}>; rel="_next"'],
        [f'<{NEXT}>; rel="prev"; rel="next"'],
        [f'<{NEXT}>; rel="self" <{NEXT}>; rel="next"'],
        [f'<{NEXT}>; rel="next", <{NEXT}0>; rel="next"'],
        [f'<{NEXT}>; rel="next"', f'<{NEXT}0>; rel="next"'],
        ['<https://a/x>; rel="self", next'],
        [f"<{NEXT}>; rel=\u201cnext\u201d".encode()],
        [f'<{NEXT}>; rel="n\u0435xt"'.encode()],  # a Cyrillic letter
        [f'{{"next": "{NEXT}"}}'],
        ["<" * 5000],
        ['"' * 5000],
    ],
)
def test_an_unknown_form_is_not_the_end(lines: list[str | bytes]) -> None:
    with pytest.raises(ValueError, match="link"):
        links(*lines)


@given(st.lists(st.text(alphabet="<>;,\"'= \\relnxt/", max_size=60)))
@example(["<>;rel=next"])
def test_a_header_is_parsed_or_refused(lines: list[str]) -> None:
    try:
        found = links(*lines).next_url
    except ValueError:
        return
    # No header with "next" is ignored.
    assert found is not None or "rel=next" not in "".join(lines)
