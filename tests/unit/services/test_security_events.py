"""What a stream is told of an event, claim by claim, by the examples of RFC 9967, RISC 1.0 and CAEP 1.0."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scim_server.domain.events import PlacedEvent, ScimChange, Subject
from scim_server.domain.feeds import OUTSIDE, WITHIN, Scope
from scim_server.domain.streams import EVERY_SCIM_EVENT, Delivery, Form, Status, Stream
from scim_server.services.security_event_types import CAEP, OF_STREAMS, RISC, SCIM, SECURITY_EVENT_TYPES, SSF, supported
from scim_server.services.security_events import repeated, stream_updated, tokens_of, verification

ISSUER = "https://seats.example.com/oauth/acme"
CREATED, AT, NOW = ("2026-11-27T10:00:00.000000Z", "2026-11-27T14:14:52.250000Z", "2026-11-27T14:15:00.999000Z")
AT_SECONDS, NOW_SECONDS = 1_795_788_892, 1_795_788_900
EVERYTHING = (EVERY_SCIM_EVENT, f"{RISC}/*", f"{CAEP}/*")
ENTERS, LEAVES = Scope(before=False, after=True), Scope(before=True, after=False)
PERSON = Subject.person("01a21856-2045-77a2-8639-f53684660f23", "jdoe@example.com")
GROUP = Subject("group", "01a21856-2045-77a2-8639-f53684660f99", "crmUsers")
STREAM = Stream("s1", "app", Delivery.PUSH, ("https://app.example.com",), "cli", CREATED, requested=EVERYTHING)


def changed(method: str = "patch", *attributes: str, **more: Any) -> ScimChange:
    facts: dict[str, Any] = {"external_id": "jdoe", "version": 'W/"2"', "data": None, "active": None, "identifiers": {}}
    return ScimChange(method, f"/Users/{PERSON.id}", attributes=attributes, **{**facts, **more})


def event(name: str, scim: ScimChange | None = None, subject: Subject = PERSON, **data: Any) -> PlacedEvent:
    return PlacedEvent("e1", name, subject, 7, 1042, AT, "txn-1", data, scim)


def told(happened: PlacedEvent, stream: Stream = STREAM, scope: Scope = WITHIN) -> list[tuple[str, dict[str, Any]]]:
    """Each security event's URI and payload."""
    return [item for claims in tokens_of(ISSUER, stream, happened, NOW, scope) for item in claims["events"].items()]


def uris(happened: PlacedEvent, stream: Stream = STREAM, scope: Scope = WITHIN) -> list[str]:
    return [uri for uri, _ in told(happened, stream, scope)]


def subjects(happened: PlacedEvent, uri: str, stream: Stream = STREAM) -> list[dict[str, Any]]:
    return [claims["sub_id"] for claims in tokens_of(ISSUER, stream, happened, NOW) if uri in claims["events"]]


@pytest.mark.covers("R-8417-2-01", "R-9967-2.1-01", "R-9967-2.1-02", "R-9967-2.2-03")
def test_a_change_is_one_token_with_these_claims() -> None:
    (claims,) = tokens_of(ISSUER, STREAM, event("user.changed", changed("patch", "emails", "name.familyName")), NOW)
    assert claims == {
        "iss": ISSUER,
        "iat": NOW_SECONDS,
        "jti": claims["jti"],
        "aud": "https://app.example.com",
        "txn": "txn-1",
        "toe": AT_SECONDS,
        "sub_id": {"format": "scim", "uri": f"/Users/{PERSON.id}", "id": PERSON.id, "externalId": "jdoe"},
        "events": {f"{SCIM}:prov:patch:notice": {"version": 'W/"2"', "attributes": ["emails", "name.familyName"]}},
    }


@pytest.mark.covers("R-9967-2.4-01", "R-9967-2.2-02")
@pytest.mark.parametrize("method", ["create", "put", "patch"])
def test_the_form_of_the_stream_says_whether_values_are_told(method: str) -> None:
    name = "user.provisioned" if method == "create" else "user.changed"
    happened = event(name, changed(method, "userName", data={"userName": "jdoe@example.com"}))
    assert told(happened) == [(f"{SCIM}:prov:{method}:notice", {"version": 'W/"2"', "attributes": ["userName"]})]
    full = [(f"{SCIM}:prov:{method}:full", {"version": 'W/"2"', "data": {"userName": "jdoe@example.com"}})]
    assert told(happened, replace(STREAM, form=Form.FULL)) == full


def test_what_is_too_large_is_told_by_name_to_a_stream_with_values() -> None:
    """Even to one that asks for values alone: a change that it never hears of would be worse."""
    stream = replace(STREAM, form=Form.FULL, requested=(f"{SCIM}:prov:patch:full",))
    assert uris(event("user.changed", changed("patch", "photos")), stream) == [f"{SCIM}:prov:patch:notice"]
    assert uris(event("user.changed", changed("put", "photos")), stream) == []


@pytest.mark.covers("R-9967-2.4-04", "C-139")
@pytest.mark.parametrize("scope", [WITHIN, LEAVES])
def test_a_deletion_has_no_payload_and_nothing_follows_it_in_the_feed(scope: Scope) -> None:
    stream = replace(STREAM, form=Form.FULL, requested=(EVERY_SCIM_EVENT,))
    assert told(event("user.deleted", changed("delete", version=None)), stream, scope) == [(f"{SCIM}:prov:delete", {})]
    assert told(event("group.deleted", None, GROUP), stream, scope) == [(f"{SCIM}:prov:delete", {})]


@pytest.mark.covers("R-9967-2.4-05", "R-RISC-2-01", "R-CAEP-3-01")
def test_a_suspension_is_told_in_every_language() -> None:
    happened = event("user.suspended", changed("patch", "active", active=False), reason="by_idp")
    assert uris(happened) == [
        f"{SCIM}:prov:patch:notice",
        f"{SCIM}:prov:deactivate",
        f"{RISC}/account-disabled",
        f"{CAEP}/session-revoked",
    ]
    back = event("user.reactivated", changed("patch", "active", active=True))
    assert uris(back) == [f"{SCIM}:prov:patch:notice", f"{SCIM}:prov:activate", f"{RISC}/account-enabled"]


def test_an_admins_suspension_changes_no_resource_and_yet_ends_its_use() -> None:
    happened = event("user.suspended", reason="by_admin")
    assert told(happened) == [
        (f"{SCIM}:prov:deactivate", {}),
        (f"{RISC}/account-disabled", {}),
        (
            f"{CAEP}/session-revoked",
            {
                "event_timestamp": AT_SECONDS,
                "initiating_entity": "admin",
                "reason_admin": {"en": "An admin suspended the person."},
            },
        ),
    ]


@pytest.mark.covers("R-CAEP-3-01", "R-RISC-2-01")
def test_a_deletion_ends_account_and_sessions() -> None:
    names = uris(event("user.deleted", changed("delete", version=None)))
    assert names == [f"{SCIM}:prov:delete", f"{RISC}/account-purged", f"{CAEP}/session-revoked"]


def test_whose_place_is_taken_has_their_sessions_ended() -> None:
    happened = event("user.taken_over", changed("put", "userName"), before="gone@example.com")
    assert uris(happened) == [f"{SCIM}:prov:put:notice", f"{CAEP}/session-revoked"]
    assert subjects(happened, f"{CAEP}/session-revoked") == [{"format": "email", "email": "gone@example.com"}]
    assert uris(event("user.taken_over", before="gone@example.com")) == [f"{CAEP}/session-revoked"]


@pytest.mark.covers("R-RISC-2-01")
def test_another_address_is_another_identifier() -> None:
    """The subject is the address before, and can be nothing else (RISC 1.0 section 2.5)."""
    uri = f"{RISC}/identifier-changed"
    both = {"userName": "a@example.com", "newUserName": "b@example.com", "email": "a@example.com"}
    same = event("user.changed", changed("patch", "userName", identifiers=both | {"newEmail": "b@example.com"}))
    assert [each for each in told(same) if each[0] == uri] == [(uri, {"new-value": "b@example.com"})]
    assert subjects(same, uri) == [{"format": "email", "email": "a@example.com"}]
    two = event("user.changed", changed("patch", "userName", identifiers=both | {"userName": "c@example.com"}))
    assert [each["email"] for each in subjects(two, uri)] == ["a@example.com", "c@example.com"]
    assert len({claims["jti"] for claims in tokens_of(ISSUER, STREAM, two, NOW)}) == 3
    plain = event("user.changed", changed("patch", "userName", identifiers={"userName": "jdoe", "newUserName": "jd"}))
    assert uri not in uris(plain)
    assert (uri, {}) in told(event("user.changed", changed("patch", "emails", identifiers={"email": "a@example.com"})))


def test_without_an_address_the_issuer_says_whom_it_is_about() -> None:
    happened = replace(event("user.reactivated"), subject=Subject.person(PERSON.id, "jdoe"))
    named = {"format": "iss_sub", "iss": ISSUER, "sub": PERSON.id}
    assert subjects(happened, f"{RISC}/account-enabled") == [named]


@pytest.mark.covers("R-RISC-2-02")
def test_risc_and_caep_are_told_to_whom_asks_for_them() -> None:
    happened = event("user.suspended", changed("patch", "active", active=False), reason="by_idp")
    plain = replace(STREAM, requested=(EVERY_SCIM_EVENT,))
    assert uris(happened, plain) == [f"{SCIM}:prov:patch:notice", f"{SCIM}:prov:deactivate"]
    assert uris(happened, replace(STREAM, requested=(f"{CAEP}/session-revoked",))) == [f"{CAEP}/session-revoked"]
    assert uris(happened, replace(STREAM, requested=())) == []


@pytest.mark.parametrize(
    "name", ["receipt.opened", "seat.assigned", "role.granted", "issue.opened", "user.erased", "user.changed"]
)
def test_what_changes_no_resource_is_not_told(name: str) -> None:
    assert uris(event(name)) == []


@pytest.mark.covers("R-9967-2.3-01", "C-138")
def test_who_enters_a_feed_is_added_and_who_leaves_is_removed_last() -> None:
    happened = event("user.changed", changed("patch", "department"))
    assert told(happened, STREAM, ENTERS) == [(f"{SCIM}:feed:add", {})]
    assert uris(happened, STREAM, LEAVES) == [f"{SCIM}:prov:patch:notice", f"{SCIM}:feed:remove"]
    assert {claims["txn"] for claims in tokens_of(ISSUER, STREAM, happened, NOW, LEAVES)} == {"txn-1"}
    assert uris(happened, STREAM, OUTSIDE) == []
    assert uris(event("user.provisioned", changed("create")), STREAM, ENTERS) == [f"{SCIM}:prov:create:notice"]
    leaver = event("user.suspended", changed("patch", "active", active=False), reason="by_idp")
    assert uris(leaver, STREAM, LEAVES)[-2:] == [f"{CAEP}/session-revoked", f"{SCIM}:feed:remove"]


@pytest.mark.covers("R-9967-2.5.1-02", "R-9967-2.5.1-06", "R-9967-2.5.1-07")
def test_a_completed_request_says_what_a_bulk_response_says() -> None:
    known: dict[str, Any] = {"txn": "txn-1:4", "uri": f"/Users/{PERSON.id}", "location": "https://seats.example.com/u"}
    done = event("request.completed", method="PUT", version='W/"3"', status="200", bulkId="qwerty", **known)
    (claims,) = tokens_of(ISSUER, STREAM, done, NOW)
    assert claims["txn"] == "txn-1:4"
    assert claims["sub_id"] == {"format": "scim", "uri": f"/Users/{PERSON.id}", "id": PERSON.id}
    payload = {"method": "PUT", "location": known["location"], "bulkId": "qwerty", "version": 'W/"3"', "status": "200"}
    assert claims["events"] == {f"{SCIM}:misc:asyncresp": payload}
    fault = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400", "scimType": "invalidValue"}
    nothing: dict[str, Any] = {"txn": "txn-1:5", "uri": None, "location": None, "version": None}
    tenant = Subject("tenant", "t1")
    failed = event("request.completed", None, tenant, method="POST", status="400", response=fault, **nothing)
    (claims,) = tokens_of(ISSUER, STREAM, failed, NOW)
    assert claims["sub_id"] == {"format": "scim", "uri": "/"}
    assert claims["events"][f"{SCIM}:misc:asyncresp"] == {"method": "POST", "status": "400", "response": fault}
    assert uris(failed, STREAM, OUTSIDE) == []


@pytest.mark.covers("R-9967-2.2-01")
def test_streams_share_the_transaction_and_no_token_its_id() -> None:
    happened = event("user.suspended", changed("patch", "active", active=False), reason="by_idp")
    other = replace(STREAM, id="s2", audience=("web", "mobile"))
    both = [*tokens_of(ISSUER, STREAM, happened, NOW), *tokens_of(ISSUER, other, happened, NOW)]
    assert {claims["txn"] for claims in both} == {"txn-1"}
    assert len({claims["jti"] for claims in both}) == len(both) == 8
    assert both[-1]["aud"] == ["web", "mobile"]
    again = tokens_of(ISSUER, STREAM, happened, "2026-11-28T00:00:00.000000Z")
    assert [claims["jti"] for claims in again] == [claims["jti"] for claims in both[:4]]


@pytest.mark.covers("R-SSF-8-03")
def test_a_stream_tells_of_itself_whatever_it_asks_for() -> None:
    stream = replace(STREAM, requested=())
    checked = verification(ISSUER, stream, NOW, "r1", "VGhpcw==")
    assert checked["events"] == {f"{SSF}/verification": {"state": "VGhpcw=="}}
    assert checked["sub_id"] == {"format": "opaque", "id": "s1"}
    assert verification(ISSUER, stream, NOW, "r1", None)["events"] == {f"{SSF}/verification": {}}
    paused = stream_updated(ISSUER, stream, NOW, "r2", Status.PAUSED, "failing")
    assert paused["events"] == {f"{SSF}/stream-updated": {"status": "paused", "reason": "failing"}}
    assert paused["jti"] != checked["jti"]


@pytest.mark.covers("R-9967-5-03")
def test_of_a_group_that_changes_much_the_latest_notice_tells_all() -> None:
    def patch(position: int, *attributes: str, subject: Subject = GROUP) -> PlacedEvent:
        change = replace(changed("patch", *attributes), uri=f"/Groups/{subject.id}")
        return replace(event("group.changed", change, subject), position=position)

    other = Subject("group", "g2", "others")
    events = [
        patch(1, "displayName", "members"),
        patch(2, "members", subject=other),
        patch(3, "members"),
        replace(event("user.changed", changed("patch", "emails")), position=4),
        patch(5, "members"),
        patch(6, "members"),
    ]
    assert set(repeated(STREAM, events)) == {3, 5}
    assert set(repeated(replace(STREAM, form=Form.FULL), events)) == set()
    gone = replace(event("group.deleted", changed("delete"), GROUP), position=7)
    assert set(repeated(STREAM, [patch(6, "members"), gone, patch(8, "members")])) == set()


def test_every_event_that_is_told_is_in_the_catalogue() -> None:
    """And every one of the catalogue can be told."""
    full, methods = replace(STREAM, form=Form.FULL), ("create", "put", "patch")
    happened = [
        *(event("user.changed", changed(method, "emails", identifiers={"email": "a@b"})) for method in methods),
        *(event("user.changed", changed(method, data={})) for method in methods),
        *(event(name) for name in ("user.suspended", "user.reactivated", "user.deleted", "request.completed")),
    ]
    seen = {uri for each in happened for scope in (WITHIN, ENTERS, LEAVES) for uri in uris(each, full, scope)}
    assert seen == set(SECURITY_EVENT_TYPES) == set(supported(Form.FULL))
    of_values = {f"{SCIM}:prov:{method}:full" for method in methods}
    assert set(supported(Form.FULL)) - set(supported(Form.NOTICE)) == of_values
    assert OF_STREAMS.keys().isdisjoint(SECURITY_EVENT_TYPES)


def test_the_page_names_every_event() -> None:
    """In the table; of several in one row the later ones are named by their ends."""
    page = (Path(__file__).parents[3] / "docs" / "streams.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = [(row.split("`")[1], re.findall(r"`(?:\.\.\.)?([^`]+)`", row)) for row in rows]
    for uri in [*SECURITY_EVENT_TYPES, *OF_STREAMS]:
        assert any(uri.startswith(first[:27]) and uri.endswith(tuple(ends)) for first, ends in named), uri
