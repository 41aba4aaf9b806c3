"""The Parquet sink passes the conformance checks."""

from __future__ import annotations

from pathlib import Path

from oktahound.graph import GraphRows
from oktahound.sinks import arrow, check_sink


def test_parquet_files_pass_check_sink():
    check_sink(arrow.write_parquet, lambda folder: arrow.rows_of(arrow.read_parquet(folder)))


def test_tables_in_memory_pass_check_sink(tmp_path: Path):
    kept: list[arrow.GraphTables] = []

    def write(rows: GraphRows, folder: Path) -> None:
        found = arrow.tables(rows)
        arrow.write_parquet(arrow.rows_of(found), folder)
        kept[:] = [found]

    check_sink(write, lambda _: arrow.rows_of(kept[0]))
