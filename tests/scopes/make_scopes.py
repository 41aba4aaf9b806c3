"""Make `oktahound/scopes/data/scopes.json`: every OAuth scope of Okta and the operations that it permits.

Run it with the path of `scopes.json` as it was taken from Okta's published API description (Apache-2.0,
Copyright Okta, Inc.); without an argument it is looked for in ``okta-api/`` beside the folder that
OKTAHOUND_CORPUS names. One scope a line, so that a new version of the description shows as a readable diff.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[2] / "oktahound" / "scopes" / "data" / "scopes.json"
SOURCE = (
    "Okta's API description (github.com/okta/okta-management-openapi-spec), Apache-2.0, Copyright Okta, Inc."
)
ADDRESS = "https://github.com/okta/okta-management-openapi-spec"
DATE = "2026-06-29"
"""The day of the commit (fdda229e) that the table was made from."""
FACTS = ("method", "path", "operationId", "tag", "lifecycle", "spec", "with")
"""What is kept of an operation, in the order of the table."""


def beside(corpus: str) -> Path:
    """Where the table of scopes is when the recorded answers are in `corpus`."""
    return Path(corpus).parent / "okta-api" / "scopes.json"


def make(described: dict[str, Any]) -> str:
    """The text of the table."""
    version = "/".join(sorted(set(described["specVersion"].values())))
    lines = [
        f"{json.dumps(name)}: {json.dumps(_scope(scope), ensure_ascii=False)}"
        for name, scope in sorted(described["scopes"].items())
    ]
    facts = {"source": SOURCE, "address": ADDRESS, "date": DATE, "version": version}
    head = "{" + "".join(f"{json.dumps(name)}: {json.dumps(value)},\n" for name, value in facts.items())
    head += '"scopes": {\n'
    return head + ",\n".join(lines) + "\n}}\n"


def _scope(scope: dict[str, Any]) -> dict[str, Any]:
    operations = sorted(
        scope["operations"], key=lambda each: (each["path"], each["method"], each["operationId"])
    )
    return {
        "description": " ".join(scope["description"].split()),
        "operations": [[each[fact] for fact in FACTS] for each in operations],
    }


def main() -> None:
    """Write the table."""
    corpus = os.environ.get("OKTAHOUND_CORPUS")
    if len(sys.argv) < 2 and not corpus:
        sys.exit("Give the path of scopes.json, or set OKTAHOUND_CORPUS.")
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else beside(corpus or "")
    TABLE.write_text(make(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
