"""Handlers that most routes share: return the object at a path, or list the objects below it."""

from __future__ import annotations

from collections.abc import Callable

from oktahound.sim.errors import not_found
from oktahound.sim.filters import compile_filter
from oktahound.sim.routing import Answer, Call, Rows
from oktahound.sim.world import Collection

__all__ = ["below", "filtered", "known", "listing", "searched", "single"]


def known(call: Call, collection: str, parameter: str, java_type: str) -> str:
    """Return the id in a path parameter.

    Raises:
        Refusal: the collection has no object with this id.
    """
    key = call.path[parameter]
    if key not in call.world[collection]:
        raise not_found(key, java_type)
    return key


def single(collection: str, parameter: str, java_type: str) -> Callable[[Call], Answer]:
    """Create a handler that returns one document of a collection."""

    def answer(call: Call) -> Answer:
        return call.world[collection].sent(known(call, collection, parameter, java_type))

    return answer


def listing(collection: str) -> Callable[[Call], Answer]:
    """Create a handler that lists a whole collection."""
    return lambda call: Rows.of(call.world[collection])


def searched(collection: str) -> Callable[[Call], Answer]:
    """Create a handler that lists the documents that match ``search`` or ``filter``."""
    return lambda call: Rows.of(call.world[collection], filtered(call, call.world[collection]))


def filtered(call: Call, collection: Collection) -> tuple[str, ...]:
    """Return the keys of documents that match ``search`` or ``filter``, or of all documents."""
    criteria = call.query.get("search") or call.query.get("filter")
    if not criteria:
        return collection.keys()
    return collection.view(criteria, compile_filter(criteria))


def below(collection: str, parent: str, parameter: str, java_type: str) -> Callable[[Call], Answer]:
    """Create a handler that lists the documents below one document of the collection `parent`."""
    return lambda call: Rows.of(call.world[collection, known(call, parent, parameter, java_type)])
