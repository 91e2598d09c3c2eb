"""Tokens expire, and an admin is told early enough to replace them."""

from datetime import timedelta

import pytest

from scim_server.domain.expiries import warning_of
from scim_server.domain.instants import later
from scim_server.domain.tenants import Tenant
from scim_server.services import api_tokens, client_secrets, issue_reports, registering, rotating, tenancy, tokens
from scim_server.services.issues import TOKEN_EXPIRES
from scim_server.services.tidying import CHORE
from scim_server.services.token_entries import SoughtTokens
from tests.worlds import CAUSE, Connection, World

DAY = timedelta(days=1)
LIFE = timedelta(days=400)
"""Of a connection's first token in every world."""


def complaints(world: World, acme: Tenant) -> list[str]:
    """What is open of tokens, after the hourly look."""
    world.do_chore(CHORE)
    return [each.issue.subject for each in issue_reports.reports(world.units, acme, code=TOKEN_EXPIRES)]


def let_pass(world: World, span: timedelta) -> None:
    world.advance(int(span.total_seconds()) + 1)


@pytest.mark.parametrize(
    ("life", "left", "said"),
    [
        (365 * DAY, 31 * DAY, None),
        (365 * DAY, 30 * DAY, "expires within 30 days"),
        (365 * DAY, 7 * DAY, "expires within 7 days"),
        (365 * DAY, DAY, "expires within 1 day"),
        (365 * DAY, timedelta(0), "has expired"),
        (365 * DAY, -29 * DAY, "has expired"),
        (365 * DAY, -30 * DAY, None),
        (30 * DAY, 29 * DAY, None),
        (30 * DAY, 7 * DAY, "expires within 7 days"),
        (7 * DAY, DAY, "expires within 1 day"),
        (DAY, timedelta(hours=1), None),
        (DAY, timedelta(hours=-1), None),
    ],
)
def test_what_is_said_when(life: timedelta, left: timedelta, said: str | None) -> None:
    created = "2026-01-01T00:00:00.000000Z"
    expires = later(created, life)
    assert warning_of(created, expires, later(expires, -left)) == said


def test_the_issue_is_opened_early_and_again_as_the_end_comes_near(
    world: World, acme: Tenant, okta: Connection
) -> None:
    (token,) = tokens.tokens(world.units, SoughtTokens())
    assert complaints(world, acme) == []
    said = []
    for span in (LIFE - 30 * DAY, 23 * DAY, 6 * DAY, DAY):
        let_pass(world, span)
        (subject,) = complaints(world, acme)
        assert complaints(world, acme) == [subject]
        said.append(subject.removeprefix(f"token {token.id} "))
    assert said == ["expires within 30 days", "expires within 7 days", "expires within 1 day", "has expired"]
    let_pass(world, 30 * DAY)
    assert complaints(world, acme) == []


def test_the_issue_names_the_connection_and_what_to_do(world: World, acme: Tenant, okta: Connection) -> None:
    let_pass(world, LIFE - DAY)
    world.do_chore(CHORE)
    (report,) = issue_reports.reports(world.units, acme, code=TOKEN_EXPIRES)
    assert report.connection == "okta"
    assert "token rotate" in report.kind.cure


def test_rotation_and_revocation_close_it(world: World, acme: Tenant, okta: Connection) -> None:
    let_pass(world, LIFE - 5 * DAY)
    assert len(complaints(world, acme)) == 1
    rotating.rotate_token(world.units, acme, CAUSE, "okta", LIFE, DAY, "")
    assert issue_reports.reports(world.units, acme, code=TOKEN_EXPIRES) == []
    let_pass(world, LIFE - 5 * DAY)
    assert len(complaints(world, acme)) == 1
    for entry in tokens.tokens(world.units, SoughtTokens()):
        tokens.revoke_token(world.units, CAUSE, entry.id)
    assert issue_reports.reports(world.units, acme, code=TOKEN_EXPIRES) == []


def test_one_beside_another_that_lives_longer_is_nobodys_problem(world: World, acme: Tenant, okta: Connection) -> None:
    let_pass(world, LIFE - 5 * DAY)
    tenancy.issue_token(world.units, acme, CAUSE, "okta", LIFE)
    assert complaints(world, acme) == []


def test_a_program_is_known_by_its_name(world: World, acme: Tenant) -> None:
    for name in ("billing", "reports"):
        api_tokens.issue_token(world.units, acme, CAUSE, name, ["people.read"], 60 * DAY)
    let_pass(world, 55 * DAY)
    assert sorted(text.split("(")[1] for text in complaints(world, acme)) == [
        "billing) expires within 7 days",
        "reports) expires within 7 days",
    ]
    api_tokens.issue_token(world.units, acme, CAUSE, "billing", ["people.read"], LIFE)
    (left,) = complaints(world, acme)
    assert "reports" in left


def test_so_is_a_secret_of_an_oauth_client(world: World, acme: Tenant, okta: Connection) -> None:
    registering.register_client(world.units, acme, CAUSE, "sync", scopes=["scim"], connection="okta")
    client_secrets.issue_secret(world.units, acme, CAUSE, "sync", 60 * DAY)
    let_pass(world, 55 * DAY)
    (said,) = complaints(world, acme)
    assert said.endswith("of the client sync expires within 7 days")
    client_secrets.issue_secret(world.units, acme, CAUSE, "sync", 60 * DAY)
    assert complaints(world, acme) == []
    let_pass(world, 55 * DAY)
    assert len(complaints(world, acme)) == 1
    registering.revoke_client(world.units, acme, CAUSE, "sync")
    assert issue_reports.reports(world.units, acme, code=TOKEN_EXPIRES) == []


def test_the_list_says_so_of_live_ones(world: World, acme: Tenant, okta: Connection) -> None:
    let_pass(world, LIFE - 5 * DAY)
    (entry,) = tokens.tokens(world.units, SoughtTokens())
    assert entry.warning == "expires within 7 days"
    tokens.revoke_token(world.units, CAUSE, entry.id)
    assert tokens.tokens(world.units, SoughtTokens())[0].warning is None
