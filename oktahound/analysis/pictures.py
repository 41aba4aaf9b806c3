"""Small pictures in the HTML of results, if matplotlib is installed."""

from __future__ import annotations

import base64
import importlib.util

from oktahound.errors import ConfigurationError

__all__ = ["picture_of"]


def _has_matplotlib() -> bool:
    return importlib.util.find_spec("matplotlib") is not None


def picture_of(result: object) -> str:
    """Return a small picture of a result as an HTML element.

    Matplotlib is imported at the first picture.

    Args:
        result: a `Path`, `Radius`, `Findings` or `Difference`.

    Returns:
        An element with the picture as its background, which needs no other file. Empty if matplotlib is not
        installed, or the result has nothing to show. The table below it has the same facts as text.
    """
    if not _has_matplotlib():
        return ""
    try:
        # Imported here, because that module imports this package.
        from oktahound.plot.results import picture_of_result  # noqa: PLC0415

        picture = picture_of_result(result)
    except (ConfigurationError, ImportError):
        return ""
    width, height = picture.figure.get_size_inches()
    encoded = base64.b64encode(picture.to_svg().encode()).decode()
    # As an image, the picture cannot run scripts, even if names in it contain some. As a background, it needs
    # no element that notebooks remove from untrusted output.
    return (
        f'<div style="max-width:40em;aspect-ratio:{width:.3g}/{height:.3g};background:#fff '
        f"url('data:image/svg+xml;base64,{encoded}') left/contain no-repeat;"
        'print-color-adjust:exact"></div>'
    )
