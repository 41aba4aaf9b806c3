"""The pager compared with a model: for all responses in any order, it yields exactly the pages of the org."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
from example_counts import examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from oktahound.client import Page
from oktahound.client._listing import listing
from oktahound.client._retry import RetryPolicy
from oktahound.client._steps import Pause, Renew, Request, Response, TransportFailure
from oktahound.errors import (
    AuthenticationError,
    CursorRejectedError,
    FeatureNotLicensedError,
    ForeignOriginError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RequestError,
    RequestRejectedError,
)

ORG = "https://contoso.okta.com"
PATH = "/api/v1/things"

FOREIGN = [
    "https://evil.example/x",
    "http://contoso.okta.com/x",
    "https://contoso.okta.com:8443/x",
    "//evil.example",
]
REFUSALS: list[tuple[int, str, type[RequestError]]] = [
    (403, "E0000006", PermissionDeniedError),
    (401, "E0000015", FeatureNotLicensedError),
    (404, "E0000007", NotFoundError),
    (400, "E0000031", CursorRejectedError),
    (400, "E0000001", RequestRejectedError),
    (302, "", ProtocolError),
]
WINDOW = {
    "date": "Thu, 11 Sep 2025 16:21:50 GMT",
    "x-rate-limit-limit": "10",
    "x-rate-limit-remaining": "0",
    "x-rate-limit-reset": "1757607758",
}


class Listing(RuleBasedStateMachine):
    """A state machine of a listing. `given` has the pages of the org, `end` the end of the flow."""

    @initialize(key=st.sampled_from([None, "things"]), most=st.integers(1, 6))
    def the_first(self, key: str | None, most: int) -> None:
        self.begin(key, most)

    def begin(self, key: str | None, most: int) -> None:
        self.key, self.most = key, most
        self.given: list[list[int]] = []
        self.got: list[Page] = []
        self.end: Any = None
        self.answered: list[str] = []
        self.now = 0.0
        self.begin_page()
        first = Request("GET", httpx.URL(f"{ORG}{PATH}?limit=9"), PATH)
        self.flow = listing(first, RetryPolicy(1e9, lambda: 0.5), key, most)
        self.step: Any = None
        self.send(None)
        self.url = str(first.url)

    def begin_page(self) -> None:
        self.damaged = 0
        self.renewed = False

    def send(self, answer: Any) -> None:
        """Send a response to the flow, take the pages that it yields, and let it pause."""
        try:
            self.step = self.flow.send(answer)
            while isinstance(self.step, Page | Pause):
                if isinstance(self.step, Page):
                    self.got.append(self.step)
                else:
                    self.now += self.step.seconds
                self.step = self.flow.send(None)
        except StopIteration:
            self.end = "whole"
        except RequestError as error:
            self.end = error

    def response(self, status: int, body: Any, headers: Any = None) -> None:
        self.now += 0.1
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        self.send(Response(status, httpx.Headers(headers or {}), content, self.now, generation=1))

    def running(self) -> bool:
        return self.end is None

    @precondition(lambda self: self.end is not None)
    @rule(key=st.sampled_from([None, "things"]), most=st.integers(1, 6))
    def another(self, key: str | None, most: int) -> None:
        self.begin(key, most)

    def page(self, rows: list[int], target: str | None) -> None:
        self.given.append(rows)
        self.answered.append(self.url)
        self.begin_page()
        if self.key is None:
            headers = [("link", f'<{ORG}{PATH}>; rel="self"')]
            headers += [("link", f'<{target}>; rel="next"')] if target else []
            self.response(200, rows, headers)
        else:
            links = {"next": {"href": target}} if target else {}
            self.response(200, {self.key: rows, "_links": links})

    @precondition(running)
    @rule(rows=st.lists(st.integers(0, 9), max_size=3), relative=st.booleans())
    def a_page_and_another_after_it(self, rows: list[int], relative: bool) -> None:
        target = f"{PATH}?after={len(self.given)}&limit=9"
        self.page(rows, target if relative else ORG + target)
        if len(self.given) == self.most:
            assert isinstance(self.end, ProtocolError)
            assert "more than" in str(self.end)
        else:
            self.url = ORG + target

    @precondition(running)
    @rule(rows=st.lists(st.integers(0, 9), max_size=3))
    def the_last_page(self, rows: list[int]) -> None:
        self.page(rows, None)
        assert self.end == "whole"

    @precondition(running)
    @rule(data=st.data())
    def page_with_a_repeated_next_link(self, data: Any) -> None:
        self.page([1], data.draw(st.sampled_from([*self.answered, self.url])))
        assert isinstance(self.end, ProtocolError)

    @precondition(running)
    @rule(there=st.sampled_from(FOREIGN))
    def page_with_a_foreign_next_link(self, there: str) -> None:
        self.page([1], there)
        assert isinstance(self.end, ForeignOriginError)

    @precondition(running)
    @rule(status=st.sampled_from([500, 502, 503, 504, 429]), window=st.booleans())
    def transient_error_response(self, status: int, window: bool) -> None:
        self.response(status, b"", WINDOW if window else None)
        assert self.running()

    @precondition(running)
    @rule()
    def broken_connection(self) -> None:
        self.send(TransportFailure("transport", "no answer: ReadError", self.now))
        assert self.running()

    @precondition(running)
    @rule(cut=st.booleans())
    def damaged_response(self, cut: bool) -> None:
        self.damaged += 1
        if cut:
            self.response(200, b'[{"id": "00')
        else:
            self.send(TransportFailure("damaged", "the answer does not decompress", self.now))
        assert self.running() == (self.damaged < 3)
        assert self.running() or isinstance(self.end, ProtocolError)

    @precondition(running)
    @rule(refusal=st.sampled_from(REFUSALS))
    def a_refusal(self, refusal: tuple[int, str, type[RequestError]]) -> None:
        status, code, kind = refusal
        causes = [{"errorSummary": "Invalid cursor."}] if code == "E0000031" else []
        self.response(status, {"errorCode": code, "errorCauses": causes})
        assert type(self.end) is kind

    @precondition(running)
    @rule(another=st.booleans())
    def refused_token(self, another: bool) -> None:
        self.response(401, {"errorCode": "E0000011"})
        if self.renewed:
            assert type(self.end) is AuthenticationError
            return
        assert self.step == Renew(1)
        self.renewed, self.damaged = True, 0
        self.send(another)
        assert self.running() == another
        assert self.running() or type(self.end) is AuthenticationError

    @invariant()
    def the_pages_equal_those_of_the_org(self) -> None:
        assert [page.rows for page in self.got] == self.given
        assert [page.number for page in self.got] == list(range(len(self.given)))

    @invariant()
    def no_page_is_requested_again(self) -> None:
        assert len(set(self.answered)) == len(self.answered)
        if self.running():
            assert isinstance(self.step, Request)
            assert str(self.step.url) == self.url
            assert self.url not in self.answered


Listing.TestCase.settings = examples(12, stateful_step_count=25)
TestAListingOfAnyTemper = Listing.TestCase
