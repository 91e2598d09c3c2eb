"""The suite itself is sound: stable ids, known sections, sentences, and requirements that have the form of one."""

import re
from collections import Counter
from pathlib import Path

import pytest
from scim_conformance import cli
from scim_conformance.checks import Check, DuplicateCheckError, Level, all_checks, register
from scim_conformance.sections import SECTIONS, is_within, name_of
from scim_conformance.selections import NothingSelectedError, select
from scim_conformance.servers import FEATURES

CHECKS = all_checks()
COVERED = re.compile(r"R-(\d{4}|ROLES)-[\d.]+-\d\d|C-\d{2,3}")
README = Path(__file__).parents[3] / "conformance" / "README.md"
NEED = re.compile(
    r"(User|Group|enterprise)(\.[A-Za-z0-9]+(\.[$A-Za-z]+)?)?|Role|Entitlement|cursor|pagination|async|events"
)


def test_there_are_enough_checks_and_each_has_an_id_of_its_own() -> None:
    assert len(CHECKS) >= 250
    assert Counter(check.id for check in CHECKS).most_common(1)[0][1] == 1


def is_sound(check: Check) -> bool:
    return (
        re.fullmatch(r"[a-z0-9-]+\.[a-z0-9-]+", check.id) is not None
        and check.section in SECTIONS
        and re.fullmatch(r"[A-Za-z0-9/`].*\.", check.requirement) is not None
        and bool(check.covers)
        and all(COVERED.fullmatch(covered) for covered in check.covers)
        and all(need in FEATURES or NEED.fullmatch(need) for need in check.needs)
    )


def test_every_check_is_a_sentence_with_its_requirements_and_needs() -> None:
    assert [check for check in CHECKS if not is_sound(check)] == []


def test_most_sections_have_checks_and_every_level_is_used() -> None:
    used = {check.section for check in CHECKS}
    assert set(SECTIONS) - used <= {"7644-3.10"}
    assert {check.level for check in CHECKS} == set(Level)


def test_a_second_check_of_one_id_or_of_no_section_is_refused() -> None:
    for check in (CHECKS[0], Check("new.check", "no-section", Level.MUST, "So.", print)):
        with pytest.raises(DuplicateCheckError):
            register(check)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("7644-3.4.2", {"7644-3.4.2", "7644-3.4.2.1", "7644-3.4.2.2", "7644-3.4.2.3", "7644-3.4.2.4"}),
        ("7644-3.1", {"7644-3.1"}),
        ("9865", {"9865-2", "9865-3", "9865-4"}),
        ("hostile", {"hostile"}),
        ("filter", {"7644-3.4.2.2"}),
    ],
)
def test_a_section_is_selected_with_what_is_inside_it(word: str, expected: set[str]) -> None:
    assert {check.section for check in select(CHECKS, [word])} == expected


def test_a_check_and_a_requirement_are_selected_in_any_case() -> None:
    assert [check.id for check in select(CHECKS, ["Create.Duplicate"])] == ["create.duplicate"]
    found = select(CHECKS, ["r-7644-3.3-02"])
    assert "create.duplicate" in [check.id for check in found]
    assert all("R-7644-3.3-02" in check.covers for check in found)
    assert select(CHECKS, []) == CHECKS


def test_several_words_add_up_in_the_suites_own_order() -> None:
    assert [check.id for check in select(CHECKS, ["delete.status", "create.status"])] == [
        "create.status",
        "delete.status",
    ]


def test_a_word_that_names_nothing_is_refused() -> None:
    with pytest.raises(NothingSelectedError, match="'7644-9'"):
        select(CHECKS, ["create", "7644-9"])


def test_sections_have_names_for_people() -> None:
    assert name_of("7644-3.3") == "RFC 7644 section 3.3, Creating"
    assert name_of("hostile") == "Hostile input"
    assert is_within("7644-3.4.2.2", "7644-3.4")
    assert not is_within("7644-3.14", "7644-3.1")


def test_the_readme_has_the_table_that_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "checks", "--summary"]) == 0
    assert capsys.readouterr().out.strip() in README.read_text(encoding="utf-8")
