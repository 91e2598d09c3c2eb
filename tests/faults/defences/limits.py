"""Limits that are published: each is off by one."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

from scim_server.protocol import limits
from tests.faults.catalogue import Patch
from tests.faults.defences.registers import DEFENCES, Defence, gone
from tests.faults.mutations import replace_function

LIMITS = "tests/http/test_limits.py::test_one_more_than_a_limit_is_refused_and_changes_nothing"
PAGE = "tests/http/test_limits.py::test_the_page_tells_all_limits_with_their_values"


@gone("A bulk may have one operation more than is published.", LIMITS)
def bulks_are_one_longer(patch: Patch) -> None:
    original = limits.check_bulk
    replace_function(patch, original, lambda body, most: original(body, _more(most, "bulk_operations")))
    _lengthen(patch)


@gone("A PATCH may have one operation more than is published.", LIMITS)
def patches_are_one_longer(patch: Patch) -> None:
    original = limits.check_patch
    replace_function(patch, original, lambda body, kind, most: original(body, kind, _more(most, "patch_operations")))
    _lengthen(patch)


@gone("A PATCH may name one member more than is published.", LIMITS)
def patches_name_one_more(patch: Patch) -> None:
    original = limits.check_patch
    replace_function(patch, original, lambda body, kind, most: original(body, kind, _more(most, "patch_members")))


def _more(most: limits.Limits, name: str) -> limits.Limits:
    changes: dict[str, Any] = {name: getattr(most, name) + 1}
    return replace(most, **changes)


def _lengthen(patch: Patch) -> None:
    original = limits.check_length
    replace_function(patch, original, lambda body, most: original(body, most + 1))


CONSTANTS: Mapping[str, str] = {
    "oauth.headers.LONGEST_HEADER": "Authorization headers",
    "protocol.validation.MAX_ELEMENTS": "attributes with many elements",
    "protocol.validation.MAX_INDEXED_LENGTH": "texts that are searched by",
    "protocol.grammar.MAX_LENGTH": "filters and paths",
    "protocol.grammar.MAX_TERMS": "filters of many terms",
    "protocol.grammar.MAX_DEPTH": "filters of many brackets",
    "protocol.texts.DEEPEST": "deep JSON",
    "api.shapes.LONGEST_PAGE": "pages of the admin API",
    "api.keys.LONGEST": "Idempotency-Keys",
}
"""Constants that are published, and what gets longer by one."""


def _raise(place: str, patch: Patch) -> None:
    """Raise a constant by one, in every module that imported it by name."""
    home, _, name = place.rpartition(".")
    value = getattr(import_module(f"scim_server.{home}"), name)
    for module in [each for key, each in sys.modules.items() if key.startswith("scim_server")]:
        if vars(module).get(name) == value:
            patch.setattr(module, name, value + 1)


DEFENCES += [
    Defence(f"{place.rpartition('.')[2].lower()}_of_{place.split('.')[1]}_is_one_more",
            f"One more is taken than is published of {what}.", partial(_raise, place), (PAGE,))
    for place, what in CONSTANTS.items()
]  # fmt: skip
