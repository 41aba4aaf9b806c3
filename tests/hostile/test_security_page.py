"""The figures on the page about security equal those of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from oktahound.client import AsyncOktaClient
from oktahound.client._listing import MOST_ROWS
from oktahound.scopes import display
from oktahound.snapshot import loading

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "security.md"
(ROWS,) = PAGE.read_text("utf-8").split("| --- | --- |")[1:]


@pytest.mark.parametrize(
    ("subject", "limit"),
    [
        ("a text of megabytes", f"{display.LONGEST} characters"),
        ("a response of", f"{AsyncOktaClient.__init__.__kwdefaults__['max_body'] // 2**20} MiB"),
        ("a response of", f"{MOST_ROWS:,} rows"),
        ("a snapshot that unpacks", f"{loading.MAX_BYTES // 2**30} GiB"),
        ("a manifest of more", f"{loading.MAX_MANIFEST // 2**30} GiB"),
        ("a file of rows that is larger", f"{loading.PACKING // 2**10} KiB"),
    ],
)
def test_each_limit_on_the_page_equals_the_constant(subject: str, limit: str) -> None:
    (row,) = [row for row in ROWS.splitlines() if row.startswith(f"| {subject}")]
    assert limit in row
