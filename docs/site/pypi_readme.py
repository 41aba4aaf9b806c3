"""Give PyPI the README with absolute links: PyPI shows it without the files that it links to.

Hatchling runs this for each build, as pyproject.toml configures.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?://|#)([^)\s]+)\)")


def with_absolute_links(readme: str, repository: str, tag: str) -> str:
    """Let relative links of a README lead to the files that a tag of a GitHub repository has.

    Args:
        readme: the text in Markdown.
        repository: the address of the repository.
        tag: the tag.
    """

    def absolute(match: re.Match[str]) -> str:
        is_image, text, path = match.groups()
        # GitHub's "raw" addresses return the file, and its "blob" addresses a page that shows it.
        return f"{is_image}[{text}]({repository}/{'raw' if is_image else 'blob'}/{tag}/{path})"

    return _LINK.sub(absolute, readme)


class ReadmeHook(MetadataHookInterface):
    """Sets the field `readme` of the package's metadata."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Read README.md, and make its links absolute."""
        readme = Path(self.root, "README.md").read_text(encoding="utf-8")
        text = with_absolute_links(readme, metadata["urls"]["Source"], f"v{metadata['version']}")
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
