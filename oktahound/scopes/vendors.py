"""Compare the scopes of an API service integration with the scopes that its vendor publishes.

The catalogue of published scopes (``data/vendors.json``) is small: few vendors publish their scopes, and
fewer publish the type of their integration in Okta's catalogue. Callers can add lists of their own.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import attrs
import orjson

from oktahound.errors import ConfigurationError
from oktahound.scopes.display import printable
from oktahound.scopes.files import read_json
from oktahound.scopes.reach import ScopeHolder
from oktahound.scopes.records import record
from oktahound.scopes.text import OAuthScope

__all__ = [
    "ClientKind",
    "PublishedScopes",
    "VendorComparison",
    "VendorIntegration",
    "VendorVerdict",
    "compare_with_vendor",
    "read_vendor_lists",
    "vendor_catalogue",
]


class ClientKind(enum.Enum):
    """What kind of OAuth client a published list of scopes is for."""

    API_SERVICE_INTEGRATION = "api service integration"
    """An integration from Okta's catalogue. The vendor decides its scopes."""

    CUSTOM_APPLICATION = "custom application"
    """An OAuth application that each customer creates and grants the scopes."""


def _scopes(texts: Iterable[str] | None) -> tuple[OAuthScope, ...] | None:
    return None if texts is None else tuple(sorted({OAuthScope(text) for text in texts}))


@attrs.frozen(kw_only=True)
class PublishedScopes:
    """Scopes that a vendor publishes for one product.

    Attributes:
        vendor: name of the vendor.
        product: name of the product or the integration.
        scopes: the published scopes, sorted; None when the integration exists and its scopes were not found.
        kind: the kind of OAuth client that the list is for.
        app_type: type of the API service integration in Okta's catalogue; None when it is not known.
        source: where the list was found; None when that was not recorded.
        date: the day on which the list was read; None when that was not recorded.
        caveat: why the list may differ from what the vendor asks for; None when nothing is known against it.
    """

    vendor: str
    product: str
    scopes: tuple[OAuthScope, ...] | None = attrs.field(converter=_scopes)
    kind: ClientKind = ClientKind.API_SERVICE_INTEGRATION
    app_type: str | None = None
    source: str | None = None
    date: dt.date | None = None
    caveat: str | None = None

    def __str__(self) -> str:
        return self.product if self.product.startswith(self.vendor) else f"{self.vendor} {self.product}"


@runtime_checkable
class VendorIntegration(ScopeHolder, Protocol):
    """An API service integration: in practice an `oktahound.ApiServiceIntegration`."""

    @property
    def app_type(self) -> str | None:
        """The type in Okta's catalogue; None when it was not read."""


class VendorVerdict(enum.Enum):
    """The result of a comparison."""

    SAME = "holds what the vendor publishes"
    MORE = "holds more than the vendor publishes"
    LESS = "holds less than the vendor publishes"
    NOT_KNOWN = "the scopes that the vendor publishes are not known"


@attrs.frozen(kw_only=True)
class VendorComparison:
    """The scopes of an integration beside the scopes that its vendor publishes.

    Attributes:
        holder: name of the integration.
        published: the list that it was compared with; None when no list matches the integration.
        more: scopes that the integration holds and the vendor does not publish, sorted.
        less: scopes that the vendor publishes and the integration does not hold, sorted.
    """

    holder: str
    published: PublishedScopes | None
    more: tuple[OAuthScope, ...] = ()
    less: tuple[OAuthScope, ...] = ()

    @property
    def verdict(self) -> VendorVerdict:
        """The result. MORE when the integration holds scopes beyond the list, also when it lacks others."""
        if self.published is None or self.published.scopes is None:
            return VendorVerdict.NOT_KNOWN
        if self.more:
            return VendorVerdict.MORE
        return VendorVerdict.LESS if self.less else VendorVerdict.SAME

    @property
    def assumption(self) -> str | None:
        """What the result rests on that is not certain; None when nothing."""
        if self.published is None or self.published.caveat is None:
            return None
        return f"the published list is what the vendor asks for, although: {self.published.caveat}"

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON-ready values, with an id made of the holder and the list."""
        published = self.published
        asked = f"Ask the vendor why it needs {', '.join(self.more)}, or revoke them."
        named = (published.vendor, published.product) if published else ("", "")
        return record(
            self,
            self.holder,
            *named,
            meaning=f"{self.holder} {self.verdict.value}.",
            what_to_do=asked if self.more else "",
            holder=self.holder,
            vendor=named[0] or None,
            product=named[1] or None,
            verdict=self.verdict,
            more=self.more,
            less=self.less,
            assumption=self.assumption,
        )

    def __repr__(self) -> str:
        parts = [f"{printable(self.holder)}: {self.verdict.value}"]
        parts += [f"more: {', '.join(self.more)}"] if self.more else []
        parts += [f"less: {', '.join(self.less)}"] if self.less else []
        return f"<VendorComparison {'; '.join(parts)}>"


@functools.cache
def vendor_catalogue() -> tuple[PublishedScopes, ...]:
    """Every published list in the package."""
    return _published(read_json("vendors.json"))


def read_vendor_lists(path: str | os.PathLike[str]) -> tuple[PublishedScopes, ...]:
    """Read published lists from a JSON file of the form that ``data/vendors.schema.json`` describes.

    Raises:
        ConfigurationError: the file cannot be read, or does not have that form.
    """
    file = Path(path)
    try:
        return _published(orjson.loads(file.read_bytes()))
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot read the vendor lists: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigurationError(
            f"{file}: not a file of vendor lists: {error}. It needs an object with 'lists', each with "
            "'vendor', 'product' and 'kind'"
        ) from error


def compare_with_vendor(
    integration: VendorIntegration, lists: Iterable[PublishedScopes] = ()
) -> VendorComparison:
    """Compare the scopes of an integration with the scopes that its vendor publishes.

    A list matches an integration by its type in Okta's catalogue, or, where the list has no type, by the name
    of the product. A ``manage`` scope includes its ``read`` scope. Lists for custom applications never match.

    Args:
        integration: an API service integration.
        lists: further lists, which come before those of `vendor_catalogue`.

    Raises:
        ConfigurationError: the scopes of the integration were not read, or an argument has the wrong type.
    """
    if not isinstance(integration, VendorIntegration):
        raise ConfigurationError(
            f"compare_with_vendor() needs an ApiServiceIntegration, not {type(integration).__name__}"
        )
    own = _checked(lists)
    holder = integration.name or integration.id
    if integration.oauth_scopes is None:
        raise ConfigurationError(f"the scopes of {holder} were not read")
    held = _scopes(integration.oauth_scopes) or ()
    published = _match(integration.app_type, integration.name, (*own, *vendor_catalogue()))
    if published is None or published.scopes is None:
        return VendorComparison(holder=holder, published=published)
    return VendorComparison(
        holder=holder,
        published=published,
        more=_beyond(held, published.scopes),
        less=_beyond(published.scopes, held),
    )


def _checked(lists: Iterable[PublishedScopes]) -> tuple[PublishedScopes, ...]:
    if not isinstance(lists, Iterable):
        raise ConfigurationError(f"lists= must be a list of PublishedScopes, not {type(lists).__name__}")
    found = tuple(lists)
    for each in found:
        if not isinstance(each, PublishedScopes):
            raise ConfigurationError(f"lists= must hold PublishedScopes, not {type(each).__name__}")
    return found


def _match(
    app_type: str | None, name: str | None, lists: Iterable[PublishedScopes]
) -> PublishedScopes | None:
    candidates = [each for each in lists if each.kind is ClientKind.API_SERVICE_INTEGRATION]
    by_type = (each for each in candidates if app_type is not None and each.app_type == app_type)
    by_name = (
        each
        for each in candidates
        if each.app_type is None and name and _plain(name) in (_plain(each.product), _plain(str(each)))
    )
    return next(by_type, None) or next(by_name, None)


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _beyond(held: tuple[OAuthScope, ...], other: tuple[OAuthScope, ...]) -> tuple[OAuthScope, ...]:
    """The scopes of `held` that no scope of `other` includes."""
    return tuple(scope for scope in held if not any(each.includes(scope) for each in other))


def _published(table: Mapping[str, Any]) -> tuple[PublishedScopes, ...]:
    date = dt.date.fromisoformat(table["date"]) if "date" in table else None
    return tuple(
        PublishedScopes(
            vendor=row["vendor"],
            product=row["product"],
            scopes=row.get("scopes"),
            kind=ClientKind(row["kind"]),
            app_type=row.get("app_type"),
            source=row.get("source"),
            date=date,
            caveat=row.get("caveat"),
        )
        for row in table["lists"]
    )
