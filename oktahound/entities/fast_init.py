"""Create frozen attrs instances without calling their constructor.

The constructor of a frozen attrs class calls `object.__setattr__` for every field, some thirty times for a
user. Plain assignment is faster; ``docs/explanation/speed.md`` has the measured gain.
"""

from __future__ import annotations

from typing import Any

import attrs

__all__ = ["blank_of"]


def blank_of(cls: type) -> type | None:
    """Create a class whose instances are filled by plain assignment and then turned into instances of `cls`.

    Use it as follows::

        made = blank()
        made.id = "00u1"
        ...
        made.__class__ = cls

    After the last line the object equals that of ``cls(...)`` and is frozen. Every field must have been
    assigned.

    Returns:
        The class, which has the slots of `cls` but not its methods. None if the constructor of `cls` does
        more than assign: it has converters, validators or ``__attrs_post_init__``.
    """
    if not attrs.has(cls) or "__slots__" not in cls.__dict__ or hasattr(cls, "__attrs_post_init__"):
        return None
    if any(each.converter is not None or each.validator is not None for each in attrs.fields(cls)):
        return None
    body: dict[str, Any] = {
        "__slots__": cls.__dict__["__slots__"],
        "__init__": object.__init__,
        # Both are set, because otherwise Python looks up the other one at every assignment.
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,
    }
    return type(f"_Blank{cls.__name__}", cls.__bases__, body)
