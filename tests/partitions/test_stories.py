"""What holds of tables in one piece holds of tables in partitions: tests from elsewhere, told again.

All of them run like this with SCIM_TEST_PARTITIONS=2 in the environment.
"""

from tests.contract.test_counts import (
    test_it_follows_what_comes_and_goes,
    test_it_is_right_whoever_writes_at_once,
    test_rows_that_are_copied_in_are_counted,
)
from tests.contract.test_edges import test_an_edit_by_hand_keeps_what_it_does_not_know
from tests.contract.test_migrations import (
    database,
    test_an_issue_can_be_open_only_once,
    test_every_constraint_has_the_name_the_code_knows_it_by,
    test_the_migrated_schema_is_the_one_the_code_expects,
)
from tests.delivery.test_relay import (
    test_committed_events_are_placed_tenant_by_tenant,
    test_more_than_a_batch_is_placed_in_several,
    test_old_events_are_forgotten_once_they_are_placed,
    test_several_relays_and_writers_at_once_leave_no_gap,
)
from tests.http.test_seats import (
    test_a_suspended_person_holds_nothing_and_keeps_claims_and_memberships,
    test_rules_queue_by_priority_before_time,
    test_the_one_beyond_the_last_seat_waits_and_moves_up_when_somebody_leaves,
)

__all__ = [
    "database",
    "test_a_suspended_person_holds_nothing_and_keeps_claims_and_memberships",
    "test_an_edit_by_hand_keeps_what_it_does_not_know",
    "test_an_issue_can_be_open_only_once",
    "test_committed_events_are_placed_tenant_by_tenant",
    "test_every_constraint_has_the_name_the_code_knows_it_by",
    "test_it_follows_what_comes_and_goes",
    "test_it_is_right_whoever_writes_at_once",
    "test_more_than_a_batch_is_placed_in_several",
    "test_old_events_are_forgotten_once_they_are_placed",
    "test_rows_that_are_copied_in_are_counted",
    "test_rules_queue_by_priority_before_time",
    "test_several_relays_and_writers_at_once_leave_no_gap",
    "test_the_migrated_schema_is_the_one_the_code_expects",
    "test_the_one_beyond_the_last_seat_waits_and_moves_up_when_somebody_leaves",
]
