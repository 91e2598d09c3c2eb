"""The table of requirements is complete: each must and should is covered, or somebody says why it is not."""

import json

from tests.requirements import BINDING, NOT_COVERED, named, requirements, table


def test_every_must_and_should_is_covered_or_explained() -> None:
    assert [row.requirement.id for row in table() if row.is_open and row.requirement.level in BINDING] == []


def test_ids_name_requirements() -> None:
    """An id of a part that is not built yet (roles, interop, agents) is known by its document alone."""
    known = {requirement.id for requirement in requirements()}
    documents = {"-".join(identifier.split("-")[:2]) for identifier in known}
    strangers = {each for each in named() if "-".join(each.split("-")[:2]) in documents and each not in known}
    assert strangers == set()


def test_what_is_covered_needs_no_excuse() -> None:
    reasons = json.loads(NOT_COVERED.read_text(encoding="utf-8"))
    assert [row.requirement.id for row in table() if row.covered_by and row.reason] == []
    assert set(reasons) <= {requirement.id for requirement in requirements()}
