"""Checks that are many of a kind, as data: a TOML file per kind, a line per check."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any


def rows(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a file, by name, whatever table of it they are in."""
    text = (files(__name__) / f"{name}.toml").read_text(encoding="utf-8")
    for table in tomllib.loads(text).values():
        yield from table.items()
