"""Compare the scopes of an API service integration with the scopes that its vendor publishes.

The catalogue of published scopes (``data/vendors.json``) is small: few vendors publish their scopes, and
fewer publish the type of their integration in Okta's catalogue. Callers can add their own lists.
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
    """The kind of OAuth client to which a published list of scopes applies."""

    API_SERVICE_INTEGRATION = "api service integration"
    """An integration from Okta's catalogue. The vendor chooses its scopes."""

    CUSTOM_APPLICATION = "custom application"
    """An OAuth application that each customer creates, and to which the customer grants the scopes."""


def _scopes(texts: Iterable[str] | None) -> tuple[OAuthScope, ...] | None:
    return None if texts is None else tuple(sorted({OAuthScope(text) for text in texts}))


@attrs.frozen(kw_only=True)
class PublishedScopes:
    """Scopes that a vendor publishes for one product.

    Attributes:
        vendor: name of the vendor.
        product: name of the product or the integration.
        scopes: the published scopes, sorted; None if the integration exists but its scopes were not found.
        kind: the kind of OAuth client to which the list applies.
        app_type: type of the API service integration in Okta's catalogue; None if it is not known.
        source: address of the published list; None if it was not recorded.
        date: the day on which the list was read; None if it was not recorded.
        caveat: the reason why the vendor may request other scopes than these; None if there is no known
            reason.
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
        """The type in Okta's catalogue; None if it was not read."""


class VendorVerdict(enum.Enum):
    """The result of a comparison."""

    SAME = "holds the scopes that the vendor publishes"
    MORE = "holds more scopes than the vendor publishes"
    LESS = "holds fewer scopes than the vendor publishes"
    NOT_KNOWN = "the scopes that the vendor publishes are not known"


@attrs.frozen(kw_only=True)
class VendorComparison:
    """The scopes of an integration, compared with the scopes that its vendor publishes.

    Attributes:
        holder: name of the integration.
        published: the list with which it was compared; None if no list matches the integration.
        more: scopes that the integration holds but the vendor does not publish, sorted.
        less: scopes that the vendor publishes but the integration does not hold, sorted.
    """

    holder: str
    published: PublishedScopes | None
    more: tuple[OAuthScope, ...] = ()
    less: tuple[OAuthScope, ...] = ()

    @property
    def verdict(self) -> VendorVerdict:
        """The result. It is MORE if the integration holds scopes beyond the list, even if it lacks others."""
        if self.published is None or self.published.scopes is None:
            return VendorVerdict.NOT_KNOWN
        if self.more:
            return VendorVerdict.MORE
        return VendorVerdict.LESS if self.less else VendorVerdict.SAME

    @property
    def assumption(self) -> str | None:
        """The uncertain premise of the result; None if there is none."""
        if self.published is None or self.published.caveat is None:
            return None
        return f"the vendor requests the scopes of the published list, although: {self.published.caveat}"

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON-ready values, with an id that depends on the holder and the list."""
        published = self.published
        remedy = f"Ask the vendor why it needs {', '.join(self.more)}, or revoke them."
        vendor, product = (published.vendor, published.product) if published else ("", "")
        return record(
            self,
            self.holder,
            vendor,
            product,
            meaning=f"{self.holder} {self.verdict.value}.",
            what_to_do=remedy if self.more else "",
            holder=self.holder,
            vendor=vendor or None,
            product=product or None,
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
    """Return every published list of the package."""
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
            f"{file}: not a file of vendor lists: {error}. The file must be a JSON object with 'lists', and "
            "each list must have 'vendor', 'product' and 'kind'"
        ) from error


def compare_with_vendor(
    integration: VendorIntegration, lists: Iterable[PublishedScopes] = ()
) -> VendorComparison:
    """Compare the scopes of an integration with the scopes that its vendor publishes.

    A list matches an integration by its type in Okta's catalogue or, if the list has no type, by the name of
    the product. A ``manage`` scope includes its ``read`` scope. Lists for custom applications never match.

    Args:
        integration: an API service integration.
        lists: further lists, which take precedence over those of `vendor_catalogue`.

    Raises:
        ConfigurationError: the scopes of the integration were not read, or an argument has the wrong type.
    """
    if not isinstance(integration, VendorIntegration):
        raise ConfigurationError(
            f"compare_with_vendor() needs an ApiServiceIntegration, not {type(integration).__name__}"
        )
    callers_lists = _check_lists(lists)
    holder = integration.name or integration.id
    if integration.oauth_scopes is None:
        raise ConfigurationError(f"the scopes of {holder} were not read, so they cannot be compared")
    held = _scopes(integration.oauth_scopes) or ()
    published = _match(integration.app_type, integration.name, (*callers_lists, *vendor_catalogue()))
    if published is None or published.scopes is None:
        return VendorComparison(holder=holder, published=published)
    return VendorComparison(
        holder=holder,
        published=published,
        more=_not_included(held, published.scopes),
        less=_not_included(published.scopes, held),
    )


def _check_lists(lists: Iterable[PublishedScopes]) -> tuple[PublishedScopes, ...]:
    if not isinstance(lists, Iterable):
        raise ConfigurationError(f"lists= must be a list of PublishedScopes, not {type(lists).__name__}")
    checked = tuple(lists)
    for each in checked:
        if not isinstance(each, PublishedScopes):
            raise ConfigurationError(f"lists= must contain PublishedScopes, not {type(each).__name__}")
    return checked


def _match(
    app_type: str | None, name: str | None, lists: Iterable[PublishedScopes]
) -> PublishedScopes | None:
    candidates = [each for each in lists if each.kind is ClientKind.API_SERVICE_INTEGRATION]
    by_type = (each for each in candidates if app_type is not None and each.app_type == app_type)
    by_name = (
        each
        for each in candidates
        if each.app_type is None
        and name
        and _alphanumeric(name) in (_alphanumeric(each.product), _alphanumeric(str(each)))
    )
    return next(by_type, None) or next(by_name, None)


def _alphanumeric(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _not_included(held: tuple[OAuthScope, ...], other: tuple[OAuthScope, ...]) -> tuple[OAuthScope, ...]:
    """Return the scopes of `held` that no scope of `other` includes."""
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
