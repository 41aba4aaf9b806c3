"""Reading listings: next links in headers and bodies, and faulty links."""

from __future__ import annotations

import httpx
import orjson
import pytest
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st

from oktahound.client import Page
from oktahound.client._listing import listing
from oktahound.client._retry import RetryPolicy
from oktahound.client._steps import Request, Response
from oktahound.errors import (
    CursorRejectedError,
    ForeignOriginError,
    NotFoundError,
    ProtocolError,
)

ORG = "https://contoso.okta.com"
USERS = "/api/v1/users"
ROLES = "/api/v1/iam/roles"


def page(rows, following=None, **headers):
    links = [("link", f'<{ORG}{USERS}>; rel="self"')]
    if following is not None:
        links.append(("link", f'<{following}>; rel="next"'))
    return httpx.Response(200, json=rows, headers=[*links, *headers.items()])


def walk(answers, rows_key=None, url=ORG + USERS):
    """Drive the flow by hand, and return the pages, the requested URLs, and the error if there was one."""
    flow = listing(Request("GET", httpx.URL(url), USERS), RetryPolicy(1.0, lambda: 0.0), rows_key)
    pages, asked, answer = [], [], None
    answers = iter(answers)
    try:
        while True:
            step = flow.send(answer)
            answer = None
            if isinstance(step, Page):
                pages.append(step)
            else:
                asked.append(str(step.url))
                got = next(answers)
                answer = Response(got.status_code, got.headers, got.content, 0.0)
    except StopIteration:
        return pages, asked, None
    except ProtocolError as error:
        return pages, asked, error


@examples(12)
@given(st.lists(st.lists(st.integers(0, 2**53), max_size=5), min_size=1, max_size=12), st.booleans())
def test_linked_pages_give_all_rows_in_order_and_once(chunks, relative):
    base = "" if relative else ORG
    answers = [
        page(rows, f"{base}{USERS}?after={number}&limit=6" if number < len(chunks) else None)
        for number, rows in enumerate(chunks, 1)
    ]
    pages, asked, error = walk(answers)
    assert error is None
    assert [one.rows for one in pages] == chunks
    assert [one.number for one in pages] == list(range(len(chunks)))
    assert {one.path for one in pages} == {USERS}
    assert len(asked) == len(set(asked)) == len(chunks)


@examples(12)
@given(st.lists(st.lists(st.integers(0, 2**53), max_size=5), min_size=1, max_size=12))
def test_pages_in_bodies_give_all_rows_in_order_and_once(chunks):
    answers = []
    for number, rows in enumerate(chunks, 1):
        links = {"self": {"href": "x"}}
        if number < len(chunks):
            links["next"] = {"href": f"{ORG}{ROLES}?after={number}"}
        answers.append(httpx.Response(200, json={"roles": rows, "_links": links}))
    pages, _, error = walk(answers, rows_key="roles")
    assert error is None
    assert [one.rows for one in pages] == chunks


def test_a_next_link_with_another_query_is_followed_unchanged():
    target = f"{ORG}/api/v1/realms?after=x%3D%3D&limit=2&search=id+pr"
    _, asked, _ = walk([page([1], target), page([])])
    assert asked[1] == target


def test_a_link_header_is_followed_if_the_body_is_an_object():
    answer = httpx.Response(200, json={"roles": [1]}, headers={"link": f'<{ORG}/x>; rel="next"'})
    pages, asked, _ = walk([answer, httpx.Response(200, json={"roles": [2]})], rows_key="roles")
    assert [one.rows for one in pages] == [[1], [2]]
    assert asked[1] == f"{ORG}/x"


@pytest.mark.parametrize("links", ["x", [{"href": "/x"}], {"next": []}, {"next": {}}, {"next": "/x"}, 7])
def test_invalid_links_in_a_body_are_not_the_end(links):
    pages, _, error = walk([httpx.Response(200, json={"roles": [1], "_links": links})], rows_key="roles")
    assert [one.rows for one in pages] == [[1]]
    assert "do not parse" in str(error)


@pytest.mark.parametrize("status", [201, 202, 203, 206, 226])
def test_only_status_200_is_a_complete_page(status):
    pages, _, error = walk([httpx.Response(status, json=[1])])
    assert pages == []
    assert error is not None
    assert (error.status, error.message) == (status, "the response is only a part of the resource")


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/api/v1/users?after=1",
        "http://contoso.okta.com/api/v1/users?after=1",
        "https://contoso.okta.com:8443/api/v1/users?after=1",
        "//evil.example/api/v1/users?after=1",
        "https://contoso.okta.com@evil.example/x",
        "https://user:pass@contoso.okta.com/x",
        "https://contoso.okta.com.evil.example/x",
        "https://evil.example\\@contoso.okta.com/x",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:,x",
    ],
)
def test_a_next_page_at_another_origin_is_refused_before_anything_is_sent(target):
    pages, asked, error = walk([page([1], target)])
    assert [one.rows for one in pages] == [[1]]
    assert len(asked) == 1
    assert isinstance(error, ProtocolError)
    assert "evil" not in str(error)


def test_a_next_link_to_another_host_has_a_separate_error():
    for target in ("https://evil.example/x", "http://contoso.okta.com/x"):
        assert isinstance(walk([page([1], target)])[2], ForeignOriginError)


@pytest.mark.parametrize("target", ["https://contoso.okta.com:port/", "/x" * 40_000, "https://a\x00b/"])
def test_a_next_link_that_is_no_url_is_a_protocol_error(target):
    answer = httpx.Response(200, json={"roles": [1], "_links": {"next": {"href": target}}})
    pages, _, error = walk([answer], rows_key="roles")
    assert len(pages) == 1
    assert type(error) is ProtocolError


def test_a_fragment_is_dropped():
    _, asked, _ = walk([page([1], f"{ORG}{USERS}?after=1#x"), page([])])
    assert asked[1] == f"{ORG}{USERS}?after=1"


@pytest.mark.parametrize(
    "targets",
    [
        [f"{ORG}{USERS}"],
        [f"{ORG}{USERS}?after=1", f"{ORG}{USERS}?after=1"],
        [f"{ORG}{USERS}?after=1", f"{ORG}{USERS}?after=2", f"{ORG}{USERS}?after=1"],
        [f"{ORG}{USERS}?after=1&limit=2", f"{ORG}{USERS}?limit=3&after=1"],
        [f"{ORG}{USERS}?after=", f"{ORG}{USERS}?after="],
        [f"{ORG}{USERS}?page=2", f"{ORG}{USERS}?page=2"],
    ],
)
def test_pages_that_form_a_loop_are_refused(targets):
    pages, asked, error = walk([page([number], target) for number, target in enumerate(targets)])
    assert len(pages) == len(targets)
    assert len(asked) == len(targets)
    assert error is not None
    assert "loop" in str(error)


def test_an_empty_page_in_the_middle_is_not_the_end():
    answers = [page([1], f"{ORG}{USERS}?after=1"), page([], f"{ORG}{USERS}?after=2"), page([2])]
    assert [one.rows for one in walk(answers)[0]] == [[1], [], [2]]


def test_endless_empty_pages_are_an_error():
    pages, _, error = walk(page([], f"{ORG}{USERS}?after={number}") for number in range(10_000))
    assert error is not None
    assert len(pages) == 100


@pytest.mark.parametrize(
    ("doc", "rows_key"),
    [
        ({"id": 1}, None),
        ("text", None),
        (7, None),
        (None, None),
        ([], "roles"),
        ({}, "roles"),
        ({"roles": None}, "roles"),
        ({"roles": {}}, "roles"),
    ],
)
def test_a_response_of_another_shape_is_a_protocol_error(doc, rows_key):
    pages, _, error = walk([httpx.Response(200, content=orjson.dumps(doc))], rows_key=rows_key)
    assert pages == []
    assert type(error) is ProtocolError


@pytest.mark.parametrize("following", ["x", 7, {}, {"href": 7}, {"href": ""}, []])
def test_an_invalid_next_link_in_the_body_is_a_protocol_error(following):
    answer = httpx.Response(200, json={"roles": [1], "_links": {"next": following}})
    assert type(walk([answer], rows_key="roles")[2]) is ProtocolError


@pytest.mark.parametrize("links", [None, [], {}, {"next": None}])
def test_no_link_in_the_body_is_the_end(links):
    answer = httpx.Response(200, json={"roles": [1], "_links": links})
    pages, _, error = walk([answer], rows_key="roles")
    assert error is None
    assert len(pages) == 1


@pytest.mark.anyio
async def test_a_listing_that_fails_has_returned_its_earlier_pages(make_client, okta):
    broken = {"errorCode": "E0000031", "errorCauses": [{"errorSummary": "Invalid cursor."}]}
    okta.routes[USERS] = [
        page([1, 2], f"{ORG}{USERS}?after=2"),
        page([3], f"{ORG}{USERS}?after=3"),
        httpx.Response(400, json=broken),
    ]
    rows = []

    async def read(pages):
        async for one in pages:
            rows.extend(one.rows)

    async with make_client() as client:
        with pytest.raises(CursorRejectedError) as caught:
            await read(client.pages(USERS, {"limit": 2}))
    assert rows == [1, 2, 3]
    assert caught.value.path == USERS
    assert [request.url.query for request in okta.seen] == [b"limit=2", b"after=2", b"after=3"]


@pytest.mark.anyio
async def test_a_listing_can_be_stopped_early(make_client, okta):
    okta.routes[USERS] = [page([1], f"{ORG}{USERS}?after=1"), page([2])]
    async with make_client() as client:
        pages = client.pages(USERS)
        assert (await anext(pages)).rows == [1]
        await pages.aclose()
    assert len(okta.seen) == 1


@pytest.mark.anyio
async def test_a_template_is_filled_and_its_errors_name_the_template(make_client, okta):
    path = "/integrations/api/v1/api-services/{id}/credentials/secrets"
    okta.routes["/integrations/api/v1/api-services/0oa1/credentials/secrets"] = [
        page([{"id": "ocs1"}]),
        httpx.Response(404, json={"errorCode": "E0000007"}),
    ]
    async with make_client() as client:
        assert await client.list(path, ids={"id": "0oa1"}) == [{"id": "ocs1"}]
        with pytest.raises(NotFoundError) as caught:
            await client.get(path, ids={"id": "0oa1"})
    assert caught.value.path == path
    assert "0oa1" not in str(caught.value)
    assert client.requests == {("GET", path): 2}
