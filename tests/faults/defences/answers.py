"""What filters tell, and what files and pages show."""

from typing import Any

from flask import Flask

from scim_server.protocol import filters
from scim_server.protocol.errors import InvalidFilter
from scim_server.services import csv_rows
from tests.faults.catalogue import Patch
from tests.faults.defences.registers import gone
from tests.faults.mutations import replace_function, wrap_method


@gone(
    "Filters answer about attributes that are never returned.",
    "tests/security/test_parsing.py::test_nothing_is_found_out_about_what_may_not_be_read",
)
def hidden_attributes_are_searched(patch: Patch) -> None:
    def resolve(reader: Any, name: str) -> Any:
        return reader._named(name) if reader._within is None else filters._under(reader._within, name)

    patch.setattr(filters.Reader, "_resolve", resolve)


@gone(
    "A part of a filter that is not understood holds for everybody.",
    "tests/security/test_parsing.py::test_a_filter_with_an_unknown_part_is_refused_whole",
)
def unknown_parts_are_dropped(patch: Patch) -> None:
    def term(original: Any, reader: filters.Reader, node: Any) -> Any:
        try:
            return original(reader, node)
        except InvalidFilter:
            return filters.Present(reader._named("id"))

    wrap_method(patch, filters.Reader, "term", term)


@gone("A cell of a file may be a formula.", "tests/api/test_reports.py::test_a_file_runs_no_formula")
def formulas_are_exported(patch: Patch) -> None:
    replace_function(patch, csv_rows.defused, lambda cell: cell)


@gone("Pages show names as markup.", "tests/security/test_output.py::test_a_page_shows_names_as_text")
def pages_do_not_escape(patch: Patch) -> None:
    patch.setattr(Flask, "select_jinja_autoescape", lambda *_: False)
