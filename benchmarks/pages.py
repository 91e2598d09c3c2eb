"""The page that holds the latest tables: README.md beside this file, in which each table has a place of its own."""

import re
from collections.abc import Mapping
from pathlib import Path

from benchmarks.tables import Table

PAGE = Path(__file__).with_name("README.md")


def write(tables: list[Table], source: Mapping[str, str], page: Path = PAGE) -> None:
    """Put each table in its place, with where it comes from; others stay. Raises KeyError without a place."""
    text = page.read_text()
    for table in tables:
        place = re.compile(rf"(<!-- {table.name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if place.search(text) is None:
            raise KeyError(f"{page} has no place for the table '{table.name}'")
        told = f"\n{table.markdown()}\n\n{_told(source)}\n\n".replace("\\", "\\\\")
        text = place.sub(rf"\1{told}\2", text)
    page.write_text(text)


def _told(source: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in source.items()) + "."
