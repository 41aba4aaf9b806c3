"""Draw graphs and results of analyses for notebooks and files (needs ``oktahound[plot]``).

Every function returns a `Picture`. A notebook displays it, and `Picture.save` writes it as SVG, PNG, PDF or
HTML. Node kinds differ in colour and in shape, so that pictures are readable in greyscale and by people with
any colour vision. A picture with too many parts is cut, and a note below it counts the parts that are not
shown.
"""

from __future__ import annotations

try:
    import matplotlib as mpl  # noqa: F401
except ImportError as error:
    raise ImportError("oktahound.plot needs matplotlib: pip install 'oktahound[plot]'") from error

from oktahound.plot.charts import blast_radius, diff, machine_identities, scope_matrix
from oktahound.plot.graphs import neighborhood, paths
from oktahound.plot.interactive import InteractiveView, interactive
from oktahound.plot.picture import Picture
from oktahound.plot.results import findings

__all__ = [
    "InteractiveView",
    "Picture",
    "blast_radius",
    "diff",
    "findings",
    "interactive",
    "machine_identities",
    "neighborhood",
    "paths",
    "scope_matrix",
]


def __dir__() -> list[str]:
    return sorted(__all__)
