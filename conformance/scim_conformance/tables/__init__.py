"""Checks that are many of a kind, as data: a TOML file per kind, a line per check."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any


def rows(name: str, only: str | None = None) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The rows of a file, or of one table of it: the table each is in, its name, its members."""
    text = (files(__name__) / f"{name}.toml").read_text(encoding="utf-8")
    for table, members in tomllib.loads(text).items():
        if only in (None, table):
            for row, data in members.items():
                yield table, row, data
