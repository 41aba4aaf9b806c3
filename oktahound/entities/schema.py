"""Schema of an entity: its sources, wire names and graph properties.

An entity is a frozen attrs class. The wire name of a field is its name in camelCase (``last_login`` is
``lastLogin`` in Okta's JSON and in the graph), unless a `Wire` declares another. A `Parent` marks a field
that the row itself does not contain. A `Derived` is a graph property that Okta does not send.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar, cast, get_type_hints

import attrs

from oktahound.entities.sources import Embedded, Endpoint, Key
from oktahound.entities.values import json_ready
from oktahound.scopes.display import cell, printable, table

__all__ = [
    "Context",
    "Derived",
    "Entity",
    "Field",
    "Parent",
    "Wire",
    "camel",
    "fields_of",
    "per_class",
    "titled",
]

E = TypeVar("E", bound="Entity")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
Value: TypeAlias = str | int | bool | list[str] | None


@attrs.frozen
class Wire:
    """An exception from the naming rule, or a parser, for one field.

    Attributes:
        path: dotted path in Okta's response (``profile.login``), or several, of which the first with a value
            counts; None for the naming rule.
        prop: name of the graph property; empty to keep the field out of the graph; None for the naming rule.
        read: parses the value at the path, which is never None, if a type check is not enough. It raises
            ValueError or TypeError with a description of the expected value, never with the value itself.
    """

    path: str | tuple[str, ...] | None = None
    prop: str | None = None
    read: Callable[[Any], Any] | None = None


@attrs.frozen
class Parent:
    """Marks a field that is filled from the object under which the row was listed.

    It is never read from the row: ``…/api-services/{id}/credentials/secrets`` does not repeat the id.

    Attributes:
        of: the attribute of that object.
        prop: name of the graph property; empty to keep the field out of the graph.
    """

    of: str = "id"
    prop: str = ""


class Context(Protocol):
    """The data of the org that a derived property may use besides its own entity."""

    @property
    def domain(self) -> str:
        """Host of the org's URL, ``contoso.okta.com``."""
        ...

    def label(self, node_id: str) -> str:
        """Return the ``name`` of the object with this id, or the id if it was not collected."""
        ...

    def rows(self, cls: type[E]) -> Sequence[E]:
        """Return all rows of an entity."""
        ...

    def of(self, cls: type[E], owner: Key) -> Sequence[E]:
        """Return the rows of an entity whose `Entity.owner` is this key, in an arbitrary order."""
        ...

    def known(
        self, cls: type[Entity], owner: Key | None = None, *, under: type[Entity] | None = None
    ) -> bool:
        """Whether an entity was read completely, below this owner or, without one, everywhere.

        False if it was not requested, or rows may be missing. An owner that `Endpoint.when` skipped is known
        to have no rows; one that `Endpoint.among` skipped is unknown. With `under`, only the listings below
        that entity count.
        """
        ...

    def once(self, compute: Callable[[Any], T]) -> T:
        """Return the result of `compute` for this context. It is computed on first use, and cached."""
        ...


@attrs.frozen
class Derived:
    """A graph property that Okta does not send.

    Attributes:
        name: the property's name in the graph.
        why: one sentence on the rule, printed in the reference of kinds.
        of: computes the JSON-ready value from entity and context; None omits the property.
    """

    name: str
    why: str
    of: Callable[[Any, Context], Value]


def titled(why: str, of: Callable[[Any, Context], str | None]) -> tuple[Derived, Derived]:
    """Return ``name`` and ``displayName`` for kinds in which they are equal."""
    return Derived("name", why, of), Derived("displayName", why, of)


# The fields with a display name of an object, the most specific first.
_NAMING = ("login", "name", "label", "display_name", "profile_name", "company_name", "user_name", "kid")


@attrs.frozen(kw_only=True, repr=False)
class Entity:
    """An object of an Okta org. Only the id is always present. None in another field means "not read"."""

    KIND: ClassVar[str | None] = None
    """The node kind in the graph; None for entities that become edges or properties only."""

    PART: ClassVar[str] = ""
    """The keyword of `oktahound.build_graph` that shows its nodes; empty for those that are always shown."""

    PLURAL: ClassVar[str] = ""
    """The name of the tuple in a snapshot."""

    SOURCES: ClassVar[tuple[Endpoint | Embedded, ...]] = ()
    """The sources of its rows."""

    OWNER: ClassVar[tuple[str, ...]] = ()
    """Names of the fields with the key of the object below which a row was listed."""

    DERIVED: ClassVar[tuple[Derived, ...]] = ()
    """Properties of its own nodes."""

    LENDS: ClassVar[Mapping[type[Entity], tuple[Derived, ...]]] = MappingProxyType({})
    """Properties that its rows add to the nodes of other entities."""

    id: str
    """Okta's id of the object, in Okta's letter case. It is the key of the node."""

    @property
    def owner(self) -> Key:
        """The `key` of the object below which it was listed; empty for listings of the org itself."""
        return tuple([getattr(self, name) for name in self.OWNER]) if self.OWNER else ()

    @property
    def key(self) -> Key:
        """The identity of a row. Two rows with the same key are the same object."""
        return (*self.owner, self.id)

    @property
    def display_text(self) -> str:
        """The display name: login, name or label, or the id if there is none or it was not read."""
        return next((text for name in _NAMING if (text := getattr(self, name, None))), self.id)

    def to_dict(self, *, wire_names: bool = False) -> dict[str, Any]:
        """Convert the fields that were read to a JSON-ready dict.

        Times are ISO 8601 text in UTC with milliseconds and ``Z``, tuples are lists. A field that was not
        read is absent.

        Args:
            wire_names: use Okta's names and nesting (``{"profile": {"login": …}}``) instead of the Python
                names. Fields that come from the parent object get the camelCase form of their Python name.
        """
        found: dict[str, Any] = {}
        for field in fields_of(type(self)):
            value = getattr(self, field.name)
            if value is None:
                continue
            value = json_ready(value)
            if wire_names:
                _put(found, field.paths[0] if field.paths else (camel(field.name),), value)
            else:
                found[field.name] = value
        return found

    def __repr__(self) -> str:
        names = [name for name in ("id", *self.OWNER) if name != "id"]
        naming = next((name for name in _NAMING if getattr(self, name, None)), None)
        shown = [
            "id",
            *names,
            *([naming] if naming else []),
            *(["status"] if hasattr(self, "status") else []),
        ]
        pairs = (f"{name}={getattr(self, name)!r}" for name in dict.fromkeys(shown))
        return f"{type(self).__name__}({', '.join(printable(pair) for pair in pairs)})"

    def _repr_html_(self) -> str:
        rows = [(cell(name), cell(_joined(value))) for name, value in self.to_dict().items()]
        return table(f"{type(self).__name__} {self.display_text}", ("field", "value"), rows)

    def node_id(self, context: Context) -> str | None:  # noqa: ARG002 - some ids need the domain
        """Return the key of its node; None for a row without a node."""
        return self.id


def _put(found: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        found = found.setdefault(key, {})
    found[path[-1]] = value


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@attrs.frozen
class Field:
    """One field of an entity, with its complete declaration.

    Attributes:
        name: the Python name.
        paths: the paths to try in Okta's JSON, each as a tuple of keys; empty if `parent` is set.
        prop: name of the graph property; None if it is not in the graph.
        type: the field's type, markers removed.
        required: whether a record without it is dropped.
        parent: attribute of the parent object that the value comes from.
        read: see `Wire.read`.
        default: the value if it was not read.
    """

    name: str
    paths: tuple[tuple[str, ...], ...]
    prop: str | None
    type: Any
    required: bool
    parent: str | None = None
    read: Callable[[Any], Any] | None = None
    default: Any = None


@functools.cache
def camel(name: str) -> str:
    """Convert a Python name to the wire name: ``last_membership_updated`` to ``lastMembershipUpdated``."""
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)


def per_class(make: F) -> F:
    """Cache the result of a function of one class."""
    # functools.cache loses the signature, and with it the type variable of the class.
    return cast("F", functools.cache(make))


@per_class
def fields_of(cls: type[Entity]) -> tuple[Field, ...]:
    """Return all fields of an entity class, in the order of the class."""
    marked = get_type_hints(cls, include_extras=True)
    plain = get_type_hints(cls)
    return tuple(_field(each, marked[each.name], plain[each.name]) for each in attrs.fields(cls))


def _field(each: attrs.Attribute[Any], marked: Any, plain: Any) -> Field:
    annotations = getattr(marked, "__metadata__", ())
    wire = next((each for each in annotations if isinstance(each, Wire)), Wire())
    parent = next((each for each in annotations if isinstance(each, Parent)), None)
    paths = wire.path or camel(each.name)
    prop = camel(each.name) if wire.prop is None else wire.prop
    if parent is not None:
        paths, prop = (), parent.prop
    elif each.name == "id":
        # The id is the node's key and is not repeated as a property.
        prop = ""
    return Field(
        name=each.name,
        paths=tuple(tuple(path.split(".")) for path in ([paths] if isinstance(paths, str) else paths)),
        prop=prop or None,
        type=plain,
        required=each.default is attrs.NOTHING,
        parent=parent.of if parent else None,
        read=wire.read,
        default=None if each.default is attrs.NOTHING else each.default,
    )
