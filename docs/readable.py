"""A Sphinx extension that makes docstrings and signatures of the API reference readable.

It replaces ``sphinx.ext.napoleon``, which parses the beginning of a property's docstring up to a colon as
its type. It also writes the signatures of attrs classes from their fields, because autodoc takes them from
generated code.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import attrs
from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, GoogleDocstring
from sphinx.util.docstrings import prepare_docstring
from sphinx.util.inspect import stringify_signature

from oktahound.entities import EntityTable

_STYLE = Config(napoleon_google_docstring=True, napoleon_use_ivar=True)


def read_docstring(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Convert the sections of a docstring in Google's style to reStructuredText."""
    of_type = type(obj).__doc__
    if what in ("attribute", "data") and isinstance(of_type, str) and lines == prepare_docstring(of_type):
        # A constant without a docstring inherits that of its type.
        lines.clear()
    what = "method" if what in ("attribute", "data", "property") else what
    lines[:] = GoogleDocstring(lines, _STYLE, app, what, name, obj, options).lines()


def type_text(type_: Any) -> str:
    """Return the text of a type without module names and without `Annotated`.

    >>> type_text(tuple[str, ...] | None)
    'tuple[str, ...] | None'
    """
    if typing.get_origin(type_) is typing.Annotated:
        type_ = typing.get_args(type_)[0]
    if type_ is None or type_ is type(None):
        return "None"
    text = type_.__name__ if isinstance(type_, type) and not typing.get_args(type_) else str(type_)
    return re.sub(r"\b[a-z_]\w*\.(?=\w)", "", text)


def default_text(value: Any) -> str:
    """Return the text of a default; an ellipsis if it has no short text."""
    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        return f"{getattr(value.factory, '__name__', '…')}()"
    if isinstance(value, frozenset):
        return f"frozenset({{{', '.join(sorted(map(repr, value)))}}})" if value else "frozenset()"
    if inspect.isroutine(value) or isinstance(value, type):
        name = getattr(value, "__name__", "")
        return name if name.isidentifier() and not name.startswith("_") else "…"
    text = repr(dict(value) if isinstance(value, MappingProxyType) else value)
    return text if len(text) <= 60 and " at 0x" not in text and "<" not in text else "…"


class _Written:
    """A value whose `repr` is a given text, for a signature."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _hints(of: Callable[..., Any] | type) -> dict[str, Any]:
    try:
        return typing.get_type_hints(of)
    except (NameError, TypeError):
        # Names that are imported for type checkers only.
        return dict(getattr(of, "__annotations__", {}))


def _attrs_signature(cls: type) -> inspect.Signature:
    kinds = inspect.Parameter
    hints = _hints(cls)
    # A snapshot has dozens of tables, one for each entity; they are shown as one parameter.
    tables = {name for name, type_ in hints.items() if typing.get_origin(type_) is EntityTable}
    parameters = [
        kinds(
            field.alias or field.name,
            kinds.KEYWORD_ONLY if field.kw_only else kinds.POSITIONAL_OR_KEYWORD,
            default=kinds.empty if field.default is attrs.NOTHING else _Written(default_text(field.default)),
            annotation=_Written(type_text(hints.get(field.name, field.type))),
        )
        for field in attrs.fields(cls)
        if field.init and field.name not in tables
    ]
    if tables:
        parameters.append(kinds("tables", kinds.VAR_KEYWORD, annotation=_Written("Iterable[Entity]")))
    parameters.sort(key=lambda each: (each.kind, each.default is not kinds.empty and each.kind == 1))
    return inspect.Signature(parameters)


def write_signature(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None] | None:
    """Write the signature of an attrs class from its fields; autodoc writes the others."""
    if what in ("class", "exception") and isinstance(obj, type) and attrs.has(obj):
        if "__init__" not in vars(obj):
            return None
        return stringify_signature(_attrs_signature(obj)), None
    return None


def skip_tuple_field(app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """Omit the fields of a named tuple, because the docstring of its class describes them."""
    return True if type(obj).__name__ == "_tuplegetter" else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the hooks of autodoc."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-skip-member", skip_tuple_field)
    app.connect("autodoc-process-docstring", read_docstring, priority=400)
    app.connect("autodoc-process-signature", write_signature)
    return {"parallel_read_safe": True}
