"""Faults of user names beyond ASCII (RFC 7644 section 5, RFC 8265) and of input that breaks careless servers."""

import json
import sys
from typing import Any

from scim_server.http import bodies
from scim_server.protocol import grammar, texts
from scim_server.protocol.normalising import fold, username_key
from scim_server.protocol.projection import project
from tests.faults.catalogue import Area, Patch
from tests.faults.mutations import alter_answer, replace_function

names = Area("names")
hostile = Area("hostile")


@names.fault(
    "width", "Full-width letters are letters of their own.", "precis.duplicate-full-width precis.found-full-width"
)
def width(patch: Patch) -> None:
    replace_function(patch, username_key, fold)


@names.fault(
    "composition",
    "A letter with an accent differs from the same letter composed of two.",
    "precis.duplicate-composition precis.found-composition",
)
def composition(patch: Patch) -> None:
    replace_function(patch, username_key, lambda text: text.lower())


@names.fault(
    "ascii-case",
    "Letter case is ignored in ASCII alone.",
    "precis.duplicate-greek-capitals precis.found-greek-capitals filter.beyond-ascii-ignores-case",
)
def ascii_case(patch: Patch) -> None:
    lower = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
    replace_function(patch, fold, lambda text: text.translate(lower))
    replace_function(patch, username_key, lambda text: text.translate(lower))


@names.fault(
    "invisible",
    "User names may hold characters that nobody sees.",
    "precis.refused-zero-width precis.refused-control precis.refused-direction",
)
def invisible(patch: Patch) -> None:
    replace_function(patch, username_key, fold)


@names.fault("folded-answer", "A user name is answered in lower case.", "characteristic.case-kept create.status")
def folded_answer(patch: Patch) -> None:
    alter_answer(
        patch, project, lambda shown: {**shown, "userName": shown["userName"].lower()} if "userName" in shown else shown
    )


@hostile.fault("duplicate-keys", "Of two members of one name the last is taken.", "hostile.duplicate-key")
def duplicate_keys(patch: Patch) -> None:
    patch.setattr(texts, "_object", dict)


@hostile.fault("nan", "NaN and Infinity are taken for null.", "hostile.nan hostile.infinity")
def nan(patch: Patch) -> None:
    patch.setattr(texts, "_constant", lambda text: None)


@hostile.fault("nul-500", "NUL in a text breaks the server.", "hostile.nul hostile.nul-in-name")
def nul_500(patch: Patch) -> None:
    def parsed(body: bytes) -> Any:
        if b"\\u0000" in body:
            raise RuntimeError("the database does not take NUL")
        return original(body)

    original = bodies.parse_json
    patch.setattr(bodies, "parse_json", parsed)


@hostile.fault("surrogates", "Half of a surrogate pair is taken.", "hostile.lone-surrogate")
def surrogates(patch: Patch) -> None:
    patch.setattr(texts, "_check_surrogates", lambda body, value: None)


@hostile.fault("trailing-data", "What follows the JSON value is ignored.", "hostile.trailing-data")
def trailing_data(patch: Patch) -> None:
    def parsed(body: bytes) -> Any:
        text = body.decode("utf-8", "replace").lstrip()
        try:
            _, end = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            end = len(text)
        return original(text[:end].encode())

    original = bodies.parse_json
    patch.setattr(bodies, "parse_json", parsed)


@hostile.fault("depth", "Nesting has no limit but the interpreter's.", "hostile.deep-list hostile.deep-object")
def depth(patch: Patch) -> None:
    patch.setattr(texts, "_check_depth", lambda body: None)


@hostile.fault("digits", "Numbers have no limit but the interpreter's.", "hostile.huge-number")
def digits(patch: Patch) -> None:
    def number(text: str) -> int:
        if len(text) > sys.get_int_max_str_digits():
            raise RuntimeError("more digits than the interpreter takes")
        return int(text)

    patch.setattr(texts, "_integer", number)


@hostile.fault(
    "filter-depth", "A filter that nests deeply breaks the server.", "hostile.filter-depth hostile.filter-nots"
)
def filter_depth(patch: Patch) -> None:
    patch.setattr(grammar, "MAX_DEPTH", 1_000_000)


@hostile.fault("filter-length", "A filter of many terms breaks the server.", "hostile.filter-terms")
def filter_length(patch: Patch) -> None:
    def lexed(lexer: Any, text: str, **named: Any) -> None:
        if len(text) > grammar.MAX_LENGTH:
            raise RecursionError
        original(lexer, text, **named)

    original = grammar.Lexer.__init__
    patch.setattr(grammar.Lexer, "__init__", lexed)


@hostile.fault(
    "surrogate-in-filter", "NUL and half of a surrogate pair in a filter break the server.", "hostile.filter-nul"
)
def surrogate_in_filter(patch: Patch) -> None:
    def refused(lexer: Any, value: str) -> None:
        if grammar._UNSTORABLE.search(value):
            raise RuntimeError("the database does not take it")

    patch.setattr(grammar.Lexer, "_refuse_unstorable", refused)
