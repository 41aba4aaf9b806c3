"""Small pictures in the HTML of results, where matplotlib is installed."""

from __future__ import annotations

import base64
import importlib.util

from oktahound.errors import ConfigurationError

__all__ = ["picture_of"]


def _can_draw() -> bool:
    return importlib.util.find_spec("matplotlib") is not None


def picture_of(result: object) -> str:
    """A small picture of a result as an HTML image.

    Matplotlib is imported only when a picture is drawn.

    Args:
        result: a `Path`, `Radius`, `Findings` or `Difference`.

    Returns:
        An element with the picture as its background, which needs no other file; empty where matplotlib is
        not installed, and for a result with nothing to draw. The table below it holds the same facts as text.
    """
    if not _can_draw():
        return ""
    try:
        # The pictures are made from results, so their module imports this package.
        from oktahound.plot.results import picture_of_result  # noqa: PLC0415

        picture = picture_of_result(result)
    except (ConfigurationError, ImportError):
        return ""
    width, height = picture.figure.get_size_inches()
    encoded = base64.b64encode(picture.to_svg().encode()).decode()
    # As an image, the picture cannot run anything, whatever the names in it say; as a background, it needs
    # no element that pages of untrusted notebooks drop.
    return (
        f'<div style="max-width:40em;aspect-ratio:{width:.3g}/{height:.3g};background:#fff '
        f"url('data:image/svg+xml;base64,{encoded}') left/contain no-repeat;"
        'print-color-adjust:exact"></div>'
    )
