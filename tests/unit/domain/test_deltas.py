"""Several changes of one object in one transaction are one entry of the audit trail."""

from typing import Any

from scim_server.domain.deltas import changed
from scim_server.domain.events import Change


def group(before: dict[str, Any] | None, after: dict[str, Any] | None, action: str = "group.changed") -> Change:
    return Change("group", "g", action, before, after)


def claims(went: list[str], came: list[str]) -> Change:
    before, after = ({"claims": [{"product": each} for each in side]} if side else None for side in (went, came))
    return Change("claims", "u", "claims.changed", before, after)


def test_members_who_join_and_leave_again_were_never_there() -> None:
    first = group({"name": "a", "members": ["x"]}, {"name": "b", "members": ["y", "z"]})
    both = first.followed_by(group({"name": "b", "members": ["y"]}, {"name": "c", "members": ["x"]}))
    assert both == group({"name": "a"}, {"name": "c", "members": ["z"]})


def test_a_group_that_is_made_and_changed_is_made_so() -> None:
    made = group(None, {"name": "a", "members": ["x", "y"]}, "group.created")
    assert made.followed_by(group({"name": "a", "members": ["x"]}, {"name": "b"})) == group(
        None, {"name": "b", "members": ["y"]}, "group.created"
    )
    assert made.followed_by(group({"name": "a", "members": ["x", "y"]}, None)) is None


def test_claims_that_end_and_begin_again_are_no_change() -> None:
    assert claims(["m"], []).followed_by(claims([], ["m"])) is None
    assert claims(["m"], ["w"]).followed_by(claims(["w"], ["t"])) == claims(["m"], ["t"])
    assert claims([], ["w"]).followed_by(claims(["m"], [])) == claims(["m"], ["w"])


def test_facts_that_an_entry_does_not_name_stay() -> None:
    first = Change("rule", "r", "rule.renamed", {"group": "a"}, {"group": "b"})
    both = first.followed_by(Change("rule", "r", "rule.bound", {"groupId": None}, {"groupId": "g"}))
    assert both == Change("rule", "r", "rule.bound", {"groupId": None, "group": "a"}, {"group": "b", "groupId": "g"})


def test_a_set_after_a_difference() -> None:
    assert changed(["x", "y"], ["x"], ["z"]) == ["y", "z"]
