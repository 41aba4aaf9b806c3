"""The state of a simulated organization: documents in Okta's wire format, by collection."""

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

    A document is stored as the bytes that are sent, or created by a source when it is read. Reading it
    returns a new copy; `put` and `change` write it back.

    Args:
        source: the source of the initial documents; None for an empty collection.
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
        """Add a document under its ``id``, and return it."""
        self.put(document["id"], document)
        return document

    def change(self, key: str, edit: Callable[[Json], object]) -> None:
        """Change a document in place with `edit`.

        Raises:
            KeyError: no document has this key.
        """
        document = self[key]
        edit(document)
        self.put(key, document)

    def remove(self, key: str) -> None:
        """Remove a document.

        Raises:
            KeyError: no document has this key.
        """
        del self._documents[key]
        self._forget()

    def clear(self) -> None:
        """Remove all documents."""
        self._documents = {}
        self._forget()

    def _forget(self) -> None:
        self._views.clear()
        self._indexes.clear()

    def __getitem__(self, key: str) -> Json:
        documents = self._documents
        if isinstance(documents, GeneratedDocuments):
            return documents.document(key)
        document: Json = orjson.loads(documents[key])
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
        """Return all documents, decoded."""
        return (self[key] for key in tuple(self._documents))

    def keys(self) -> tuple[str, ...]:
        """Return all keys, in order."""
        if "" not in self._views:
            self._views[""] = tuple(self._documents)
        return self._views[""]

    def view(self, name: str, keep: Callable[[Json], bool]) -> tuple[str, ...]:
        """Return the keys of the documents that `keep` accepts.

        Cached under `name` until the collection changes, because every page of a listing needs them.
        """
        if name not in self._views:
            self._views[name] = tuple(key for key in self._documents if keep(self[key]))
        return self._views[name]

    def existing(self, name: str, keys: Callable[[], Iterable[str]]) -> tuple[str, ...]:
        """Return the given keys that are in the collection. Cached like a view, until `forget`."""
        if name not in self._views:
            self._views[name] = tuple(filter(self._documents.__contains__, keys()))
        return self._views[name]

    def forget(self, name: str) -> None:
        """Remove a view from the cache."""
        self._views.pop(name, None)

    def index(self, name: str, value: Callable[[Json], str]) -> dict[str, str]:
        """Return the key of the first document for each result of `value`; cached like a view."""
        if name not in self._indexes:
            found: dict[str, str] = {}
            for key in self._documents:
                found.setdefault(value(self[key]), key)
            self._indexes[name] = found
        return self._indexes[name]


class World:
    """The content of a simulated org.

    ``world["users"]`` is a collection, ``world["api_service_secrets", integration_id]`` one that
    belongs to a parent object. A collection to which nothing was added is empty.

    Attributes:
        ids: the generator of ids and secrets.
        domain: the host name, such as ``contoso.okta.com``.
        url: the URL of the org, without a slash at the end.
        user_type: the id of the type of all users.
        organization: the document at ``/api/v1/org``.
        privilege_statistic: the spelling of the statistic of groups that shows whether they have roles.
            Okta's documentation has ``hasAdminPrivlege``; other collectors read ``hasAdminPrivilege``.
        secrets: all secret texts of the org. They must not occur outside of responses.
        log: the System Log.
        collections_below: by the name of collections with a parent, a function that creates the collection
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
        """Return a collection that is only read; a collection that is created for it is not stored."""
        key = (name, *parents)
        if key in self._collections:
            return self._collections[key]
        create = self.collections_below.get(name)
        return Collection() if create is None else create(*parents)

    def generate(self, name: str | tuple[str, ...], source: Source) -> None:
        """Fill a collection with the documents of a source."""
        self._collections[(name,) if isinstance(name, str) else name] = Collection(source)

    def references(self, name: str, *parents: str) -> dict[str, None]:
        """Return an ordered set of ids, such as the users of a group: ``references("group_users",
        group_id)``.
        """
        return self._references.setdefault((name, *parents), self.read_references(name, *parents))

    def read_references(self, name: str, *parents: str) -> dict[str, None]:
        """Return an ordered set of ids that is only read; see `read`."""
        key = (name, *parents)
        if key in self._references:
            return self._references[key]
        create = self.references_below.get(name)
        return {} if create is None else create(*parents)

    def below(self, name: str) -> Iterator[tuple[tuple[str, ...], Collection]]:
        """Return all stored collections `name` that are not empty, with the ids of their parents."""
        return (
            (key[1:], collection)
            for key, collection in tuple(self._collections.items())
            if key[0] == name and collection
        )

    def orn(self, rest: str) -> str:
        """Return an Okta Resource Name of this org."""
        return f"orn:okta:idp:{self.organization['id']}:{rest}"

    def orn_of_path(self, path: str) -> str:
        """Return the Okta Resource Name of the object at a REST path."""
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
