"""Handlers that most routes share: return the object that a path names, or list the objects below it."""

from __future__ import annotations

from collections.abc import Callable

from oktahound.sim.errors import not_found
from oktahound.sim.filters import compile_filter
from oktahound.sim.routing import Answer, Call, Rows
from oktahound.sim.world import Collection

__all__ = ["below", "filtered", "known", "listing", "searched", "single"]


def known(call: Call, collection: str, parameter: str, java_type: str) -> str:
    """The id that a path parameter holds.

    Raises:
        Refusal: nothing in the collection has it.
    """
    key = call.path[parameter]
    if key not in call.world[collection]:
        raise not_found(key, java_type)
    return key


def single(collection: str, parameter: str, java_type: str) -> Callable[[Call], Answer]:
    """A route that answers one document of a collection."""

    def answer(call: Call) -> Answer:
        return call.world[collection].sent(known(call, collection, parameter, java_type))

    return answer


def listing(collection: str) -> Callable[[Call], Answer]:
    """A route that lists a whole collection."""
    return lambda call: Rows.of(call.world[collection])


def searched(collection: str) -> Callable[[Call], Answer]:
    """A route that lists what ``search`` or ``filter`` describes."""
    return lambda call: Rows.of(call.world[collection], filtered(call, call.world[collection]))


def filtered(call: Call, collection: Collection) -> tuple[str, ...]:
    """The keys of what ``search`` or ``filter`` describes, or of everything."""
    criteria = call.query.get("search") or call.query.get("filter")
    if not criteria:
        return collection.keys()
    return collection.view(criteria, compile_filter(criteria))


def below(collection: str, parent: str, parameter: str, java_type: str) -> Callable[[Call], Answer]:
    """A route that lists what belongs to one document of the collection `parent`."""
    return lambda call: Rows.of(call.world[collection, known(call, parent, parameter, java_type)])
