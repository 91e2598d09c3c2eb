"""What commands print: JSON for programs, sentences and tables for people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")

UNBOUNDED = 10_000
"""Columns of an output that is no terminal: nothing is folded or cut."""


def print_json(value: Any) -> None:
    """One JSON document in UTF-8, whatever the locale."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def print_json_line(value: Any) -> None:
    """One JSON document on a line of its own, for a stream of them."""
    click.echo(orjson.dumps(value))


def facts_table(facts: Mapping[str, Any]) -> None:
    """One object, a member a line; what it does not have is left out."""
    rows = ((name, _cell(value)) for name, value in facts.items() if value not in (None, [], ""))
    console().print(table(("Member", "Value"), rows))


def report(facts: Mapping[str, Any], sentence: str, *, as_json: bool) -> None:
    """What a command did: the object it made, or a sentence about it."""
    if as_json:
        print_json(facts)
    else:
        click.echo(printable(sentence))


def listing(objects: Sequence[Mapping[str, Any]], columns: Mapping[str, str], empty: str, *, as_json: bool) -> None:
    """A JSON array of the objects, or a table of the columns (heading to member), or the sentence `empty`."""
    if as_json:
        print_json(objects)
    elif not objects:
        click.echo(empty)
    else:
        rows = ([_cell(entry[member]) for member in columns.values()] for entry in objects)
        console().print(table(columns, rows))


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """A plain table; cells fold rather than lose text."""
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(*map(printable, row))
    return drawn


def console() -> Console:
    """Standard output, with nothing in the text taken for markup."""
    out = Console(markup=False, highlight=False, emoji=False, soft_wrap=False)
    if not out.is_terminal:
        out.width = UNBOUNDED
    return out


def printable(text: str) -> str:
    """The text with control characters written out: names come from other people's directories."""
    return "".join(map(_printable, text))


def _printable(character: str) -> str:
    if character.isprintable() or character == "\n":
        return character
    return character.encode("unicode_escape").decode("ascii")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    return str(value)
