"""The table of shortfalls hides nothing and outlives nothing."""

from tests.http.shortfalls import differences


def test_a_check_that_goes_as_listed_is_no_difference() -> None:
    assert differences(["a", "b"], {"b": "failed"}, {"b": "why"}) == []


def test_an_unlisted_failure_is_told_with_what_the_checker_said() -> None:
    assert differences(["a", "b"], {"a": "failed", "b": "failed"}, {"b": "why"}) == ["a: failed"]


def test_a_listed_check_that_succeeds_or_is_gone_is_told() -> None:
    assert differences(["a"], {}, {"a": "why", "b": "why"}) == [
        "a: is listed, but succeeds",
        "b: is listed, but there is no such check",
    ]


def test_one_failure_among_successes_of_the_same_name_counts_as_a_failure() -> None:
    assert differences(["a", "a"], {"a": "failed"}, {}) == ["a: failed"]
    assert differences(["a", "a"], {"a": "failed"}, {"a": "why"}) == []
