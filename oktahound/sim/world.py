"""State of a simulated organization: documents in Okta's wire format, by collection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from oktahound.sim.generated import GeneratedDocuments, Source
from oktahound.sim.ids import Ids

if TYPE_CHECKING:
    from oktahound.sim.logs.system_log import SystemLog

__all__ = ["Collection", "Json", "World"]

Json: TypeAlias = dict[str, Any]


class Collection:
    """The documents of one listing, in the order in which Okta sends them.

    A document is stored as the bytes that are sent, or made by a source when it is read. Reading one gives a
    new copy; `put` and `change` write it back.

    Args:
        source: makes the documents that the collection begins with; None for an empty collection.
    """

    def __init__(self, source: Source | None = None) -> None:
        self._documents: MutableMapping[str, bytes] = {} if source is None else GeneratedDocuments(source)
        self._views: dict[str, tuple[str, ...]] = {}
        self._indexes: dict[str, dict[str, str]] = {}

    def put(self, key: str, document: Json) -> None:
        """Add a document, or replace the existing one at its position."""
        self._forget()
        # A copy, because orjson's own bytes keep the kilobyte that they were first given.
        self._documents[key] = memoryview(orjson.dumps(document)).tobytes()

    def add(self, document: Json) -> Json:
        """Add a document under its own ``id``, and return it."""
        self.put(document["id"], document)
        return document

    def change(self, key: str, edit: Callable[[Json], object]) -> None:
        """Change a document in place with `edit`.

        Raises:
            KeyError: there is no such document.
        """
        document = self[key]
        edit(document)
        self.put(key, document)

    def remove(self, key: str) -> None:
        """Remove a document.

        Raises:
            KeyError: there is no such document.
        """
        del self._documents[key]
        self._forget()

    def clear(self) -> None:
        """Remove every document."""
        self._documents = {}
        self._forget()

    def _forget(self) -> None:
        self._views.clear()
        self._indexes.clear()

    def __getitem__(self, key: str) -> Json:
        held = self._documents
        document: Json = (
            held.document(key) if isinstance(held, GeneratedDocuments) else orjson.loads(held[key])
        )
        return document

    def __contains__(self, key: object) -> bool:
        return key in self._documents

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    def sent(self, key: str) -> bytes:
        """Return the encoded document."""
        return self._documents[key]

    def documents(self) -> Iterator[Json]:
        """Every document, decoded."""
        return (self[key] for key in tuple(self._documents))

    def keys(self) -> tuple[str, ...]:
        """Every key, in order."""
        if "" not in self._views:
            self._views[""] = tuple(self._documents)
        return self._views[""]

    def view(self, name: str, keep: Callable[[Json], bool]) -> tuple[str, ...]:
        """The keys of the documents that `keep` accepts.

        Remembered under `name` until the collection changes: every page of a listing asks again.
        """
        if name not in self._views:
            self._views[name] = tuple(key for key in self._documents if keep(self[key]))
        return self._views[name]

    def existing(self, name: str, keys: Callable[[], Iterable[str]]) -> tuple[str, ...]:
        """Those of some keys that are in the collection. Remembered like a view, until `forget`."""
        if name not in self._views:
            self._views[name] = tuple(filter(self._documents.__contains__, keys()))
        return self._views[name]

    def forget(self, name: str) -> None:
        """Drop a remembered view."""
        self._views.pop(name, None)

    def index(self, name: str, value: Callable[[Json], str]) -> dict[str, str]:
        """The key of the first document for each value that `value` reads; remembered like a view."""
        if name not in self._indexes:
            found: dict[str, str] = {}
            for key in self._documents:
                found.setdefault(value(self[key]), key)
            self._indexes[name] = found
        return self._indexes[name]


class World:
    """The content of a simulated org.

    ``world["users"]`` is a collection, ``world["api_service_secrets", integration_id]`` one that
    belongs to a parent. A collection to which nothing was added is empty.

    Attributes:
        ids: makes ids and secrets.
        domain: the host name, such as ``contoso.okta.com``.
        url: the address of the org, without a slash at the end.
        user_type: the id of the type that all users have.
        organization: the document at ``/api/v1/org``.
        privilege_statistic: how the statistic of groups is spelled that tells whether they hold roles.
            Okta's document has ``hasAdminPrivlege``; collectors in the field read ``hasAdminPrivilege``.
        secrets: every secret text in the org; none of them may be seen outside an answer.
        log: the System Log.
        collections_below: by the name of collections that belong to a parent, a function that makes the one
            of a parent when it is first used.
        references_below: the same for `references`.
    """

    log: SystemLog

    def __init__(self, *, seed: int | str, domain: str) -> None:
        self.ids = Ids(seed)
        self.domain = domain
        self.url = f"https://{domain}"
        self.user_type = self.ids.new("oty")
        self.organization: Json = {}
        self.secrets: list[str] = []
        self.privilege_statistic = "hasAdminPrivlege"
        self.collections_below: dict[str, Callable[..., Collection]] = {}
        self.references_below: dict[str, Callable[..., dict[str, None]]] = {}
        self._collections: dict[tuple[str, ...], Collection] = {}
        self._references: dict[tuple[str, ...], dict[str, None]] = {}

    def __getitem__(self, name: str | tuple[str, ...]) -> Collection:
        key = (name,) if isinstance(name, str) else name
        if key not in self._collections:
            self._collections[key] = self.read(*key)
        return self._collections[key]

    def read(self, name: str, *parents: str) -> Collection:
        """Return a collection that is only read: one that is made on first use is not stored."""
        key = (name, *parents)
        if key in self._collections:
            return self._collections[key]
        make = self.collections_below.get(name)
        return Collection() if make is None else make(*parents)

    def generate(self, name: str | tuple[str, ...], source: Source) -> None:
        """Let a collection begin with the documents of a source."""
        self._collections[(name,) if isinstance(name, str) else name] = Collection(source)

    def references(self, name: str, *parents: str) -> dict[str, None]:
        """An ordered set of ids, such as the users of a group: ``references("group_users", group_id)``."""
        return self._references.setdefault((name, *parents), self.read_references(name, *parents))

    def read_references(self, name: str, *parents: str) -> dict[str, None]:
        """Return an ordered set of ids that is only read; see `read`."""
        key = (name, *parents)
        if key in self._references:
            return self._references[key]
        make = self.references_below.get(name)
        return {} if make is None else make(*parents)

    def below(self, name: str) -> Iterator[tuple[tuple[str, ...], Collection]]:
        """Every stored, filled collection called `name`, with the ids of its parents."""
        return ((key[1:], held) for key, held in tuple(self._collections.items()) if key[0] == name and held)

    def orn(self, rest: str) -> str:
        """An Okta Resource Name for something in this org."""
        return f"orn:okta:idp:{self.organization['id']}:{rest}"

    def orn_of_path(self, path: str) -> str:
        """The Okta Resource Name of what a REST path names."""
        kind, *rest = path.removeprefix("/api/v1/").split("/")
        service = "directory" if kind in {"users", "groups"} else "idp"
        parts = [kind, *("contained_resources" if part == "users" else part for part in rest)]
        if kind == "apps" and rest and rest[0] in self["apps"]:
            parts.insert(1, self["apps"][rest[0]]["name"])
        return f"orn:okta:{service}:{self.organization['id']}:{':'.join(parts)}"

    def keep_secret(self, text: str) -> str:
        """Register a secret, which must not occur outside of responses, and return it."""
        self.secrets.append(text)
        return text
