"""Plant marked secrets in every place where Okta could send one, and search for them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import orjson

__all__ = ["MARK", "PlantingTransport", "SecretPlanter"]

MARK = "PLANTED-"
"""What every planted secret begins with; a number and a Z follow."""

NAMES = (
    "accessKey",
    "accessToken",
    "access_token",
    "activationLink",
    "activationToken",
    "adminPassword",
    "answer",
    "api_key",
    "apiKey",
    "apiToken",
    "assertion",
    "authToken",
    "auth_scheme",
    "authorization",
    "bearer",
    "clientSecret",
    "client_assertion",
    "client_secret",
    "credential",
    "d",
    "device_secret",
    "dp",
    "dq",
    "hash",
    "id_token",
    "k",
    "masterKey",
    "oth",
    "otp",
    "p",
    "passphrase",
    "passwd",
    "password",
    "passwordHash",
    "pin",
    "privateKey",
    "private_key",
    "pwd",
    "q",
    "qi",
    "recovery_question",
    "recoveryToken",
    "refreshToken",
    "refresh_token",
    "salt",
    "samlAssertion",
    "secret",
    "secretKey",
    "secret_hash_input",
    "serviceAccountKey",
    "sessionId",
    "sessionToken",
    "sharedSecret",
    "signature",
    "stateToken",
    "token",
    "tokenValue",
    "wsFedPassword",
    "x-api-key",
)
"""Names under which credentials are sent. Each object of each answer gets all of those that it lacks."""

SPELT = {
    "activation": lambda secret: {"href": f"https://contoso.okta.com/activate/{secret}", "token": secret},
    "authScheme": lambda secret: {"type": "HEADER", "key": "Authorization", "value": secret},
    "headers": lambda secret: [{"key": "X-Other-Header", "value": secret}],
    "channel": lambda secret: {"config": {"authScheme": {"value": secret}, "headers": [{"value": secret}]}},
    "jwks": lambda secret: {"keys": [{"kid": "planted", "kty": "oct", "k": secret, "d": secret}]},
    "x5c": lambda secret: [f"-----BEGIN PRIVATE KEY-----{secret}-----END PRIVATE KEY-----"],
    "verify": lambda secret: {"credentialId": secret, "sharedSecret": secret},
}
"""Credentials that are sent as objects and lists."""

APP_SETTINGS = {
    **{name: lambda secret: secret for name in ("status", "name", "label", "kind", "oktaDomain", "objectid")},
    **{
        name: lambda secret: f"https://admin:{secret}@app.example.com/sso?key={secret}#{secret}"
        for name in ("url", "acsUrl", "loginURL", "baseUrl", "baseURL", "microsoftDiscoveryEndpoint")
    },
}
"""Settings of applications that are the secret, or have one inside. Applications name them freely."""

# These members determine the kind of an object, so that they are not replaced.
_NO_SIBLINGS = frozenset({"endpoints", "jwks"})

# Identifiers in the form of a URL, which are compared and never requested.
_IDENTIFIERS = frozenset({"issuer", "issuerUrl", "audience", "audiences"})

_CONDITIONS = {"include": {"okta:ResourceAttribute/User/Profile": ["city"]}, "exclude": None}


class SecretPlanter:
    """Creates marked secrets, and records their places.

    Attributes:
        places: the place of each planted secret: request, and path in the response.
        own_secrets: secrets that the client sent or received: tokens, assertions, proofs.
    """

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        self.own_secrets: set[str] = set()
        self._numbers = itertools.count()

    def secret(self, place: str) -> str:
        """Create a new secret for a place."""
        made = f"{MARK}{next(self._numbers)}Z"
        self.places[made] = place
        return made

    def plant(self, doc: Any, place: str) -> None:
        """Add secrets to every object of a JSON document."""
        if isinstance(doc, list):
            for index, each in enumerate(doc):
                if isinstance(each, str) and each.startswith("https://"):
                    doc[index] = self._url_with_secrets(place.rpartition(".")[2], each, f"{place}[{index}]")
            for index, each in enumerate(doc):
                self.plant(each, f"{place}[{index}]")
        elif isinstance(doc, dict):
            if doc.get("conditions", "") is None:
                doc["conditions"] = orjson.loads(orjson.dumps(_CONDITIONS))
            for name, each in list(doc.items()):
                self.plant(each, f"{place}.{name}")
                if isinstance(each, str) and each.startswith("https://"):
                    doc[name] = self._url_with_secrets(name, each, f"{place}.{name}")
            if place.rpartition(".")[2] not in _NO_SIBLINGS:
                self._join(doc, place)

    def _url_with_secrets(self, name: str, url: str, place: str) -> str:
        """Return a URL with secrets.

        Okta's own links contain no user, and URLs for browsers have no secret in their query, because every
        visitor would see it.
        """
        if name in _IDENTIFIERS or place.endswith(".issuer.url"):
            return url
        if name == "href" or place.rpartition(".settings.app")[2].startswith("."):
            url = f"{url}{'&' if '?' in url else '?'}token={self.secret(place)}"
        if name != "href":
            url = url.replace("https://", f"https://admin:{self.secret(place)}@", 1)
        return f"{url}#{self.secret(place)}"

    def _join(self, doc: dict[str, Any], place: str) -> None:
        """Add members with secrets to an object."""
        for name in (*NAMES, *SPELT):
            if name not in doc:
                doc[name] = SPELT.get(name, str)(self.secret(f"{place}.{name}"))
        if isinstance(doc.get("client_secret"), str):  # Okta really sends this in clear text
            doc["client_secret"] = self.secret(f"{place}.client_secret")
        if place.endswith(".settings.app"):
            for name, spelt in APP_SETTINGS.items():
                doc[name] = spelt(self.secret(f"{place}.{name}"))

    def found_in(self, text: str | bytes) -> set[str]:
        """Return the places of the secrets in a text."""
        if isinstance(text, str):
            text = text.encode("utf-8", "backslashreplace")
        found = {f"something the client said: {secret[:8]}…" for secret in self._own_secrets_in(text)}
        for piece in text.split(MARK.encode())[1:]:
            number = piece.partition(b"Z")[0].decode("ascii", "replace")
            found.add(self.places.get(f"{MARK}{number}Z", f"a secret cut short: {number[:20]!r}"))
        return found

    def _own_secrets_in(self, text: bytes) -> Iterator[str]:
        """Yield the secrets of the client in a text.

        Hundreds of proofs begin alike, and one search finds the beginnings of all.
        """
        for beginning in {secret[:8] for secret in self.own_secrets}:
            at = text.find(beginning.encode())
            while at >= 0:
                yield from (secret for secret in self.own_secrets if text.startswith(secret.encode(), at))
                at = text.find(beginning.encode(), at + 1)


class PlantingTransport(httpx.AsyncBaseTransport):
    """A transport that plants secrets in every response, and records the secrets of requests.

    Args:
        inner: the transport of the org.
        planter: creates the secrets.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, planter: SecretPlanter) -> None:
        self._inner = inner
        self._planter = planter
        self.answers = 0
        self.bodies: list[bytes] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        self._record_own_secrets(request.headers, content)
        response = await self._inner.handle_async_request(request)
        body = await response.aread()
        doc = orjson.loads(body)
        place = f"{request.method} {request.url.path} "
        if isinstance(doc, dict) and "access_token" in doc:
            self._planter.own_secrets.add(doc["access_token"])
        self._planter.plant(doc, place)
        if response.status_code >= 400:
            self._echo(doc, request.headers, content)
        self.answers += 1
        planted = orjson.dumps(doc)
        self.bodies.append(planted)
        return httpx.Response(
            response.status_code,
            headers=self._headers(response.headers, place),
            content=planted,
            request=request,
        )

    def _record_own_secrets(self, headers: httpx.Headers, content: bytes) -> None:
        form = httpx.QueryParams(content.decode())
        credential = headers.get("authorization", "").partition(" ")[2]
        self._planter.own_secrets.update(
            filter(None, [credential, headers.get("dpop"), form.get("client_assertion")])
        )

    def _echo(self, doc: dict[str, Any], headers: httpx.Headers, content: bytes) -> None:
        """Repeat the request in an error, as a proxy or a debugging server may do."""
        said = " ".join([*map(str, headers.values()), content.decode()])
        for name in ("errorSummary", "error_description"):
            if name in doc:
                doc[name] = f"refused: {said}"
        doc["errorCauses"] = [{"errorSummary": f"cause: {said}"}]

    def _headers(self, headers: httpx.Headers, place: str) -> list[tuple[str, str]]:
        secret = self._planter.secret
        kept = [
            (name, self._with_token(text, place) if name.lower() == "link" else text)
            for name, text in headers.multi_items()
            if name.lower() != "content-length"
        ]
        return [
            *kept,
            ("Set-Cookie", f"sid={secret(f'{place} Set-Cookie')}; Path=/; Secure; HttpOnly"),
            ("X-Auth-Token", secret(f"{place} X-Auth-Token")),
            ("Authentication-Info", secret(f"{place} Authentication-Info")),
        ]

    def _with_token(self, link: str, place: str) -> str:
        address, _, rest = link.partition(">")
        return (
            f"{address}{'&' if '?' in address else '?'}token={self._planter.secret(f'{place} Link')}>{rest}"
        )
