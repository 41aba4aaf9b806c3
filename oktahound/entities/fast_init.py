"""Making entities by the hundred thousand, without attrs' own constructor.

A frozen class assigns every field of a new object through `object.__setattr__`, past its own refusal. That
is a call for each of some thirty fields, and was two thirds of what structuring a row costs.
"""

from __future__ import annotations

from typing import Any

import attrs

__all__ = ["blank_of"]


def blank_of(cls: type) -> type | None:
    """A class whose instances can be filled by plain assignment, and then declared to be of `cls`.

    It has the slots of `cls` and none of its methods::

        made = blank()
        made.id = "00u1"
        ...
        made.__class__ = cls

    From the last line on the object is what ``cls(...)`` gives, and as frozen. Every field must have been
    assigned. None where the constructor does more than assigning: converters, validators, a hook.
    """
    if not attrs.has(cls) or "__slots__" not in cls.__dict__ or hasattr(cls, "__attrs_post_init__"):
        return None
    if any(each.converter is not None or each.validator is not None for each in attrs.fields(cls)):
        return None
    body: dict[str, Any] = {
        "__slots__": cls.__dict__["__slots__"],
        "__init__": object.__init__,
        # Both: with only one of them replaced, Python looks for the other at every assignment.
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,
    }
    return type(f"_Blank{cls.__name__}", cls.__bases__, body)
