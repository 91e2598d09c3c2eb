"""The catalogue of events: what each type means, whom or what it is about, and what its `data` say.

Data alone: JSON schemas (`event_schemas.py`), the page (`event_pages.py`) and what programs ask for are made of it. A
member of `data` may be added to a type as it is; one that goes, or comes to mean something else, makes a new version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scim_server.domain.events import GROUP, MOST_IDS, PRODUCT, PROVISIONED, REQUEST_COMPLETED, TAKEN_OVER, TENANT, USER
from scim_server.domain.receipts import CLOSED, Ended, Part
from scim_server.domain.seats import Policy, SeatState
from scim_server.domain.streams import STATUS_CHANGED, VERIFICATION_REQUESTED, Status
from scim_server.domain.transfers import Mode
from scim_server.services.issues import KINDS

VERSION = 1
"""Of every type so far."""
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """A member of `data`: what it says, and as JSON schema what it can be. Unless `always` it may be left out."""

    about: str
    schema: Schema
    always: bool = True


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event: when there is one, the kinds of its subject, and the members of its `data`."""

    means: str
    subjects: tuple[str, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)


_TEXT: Schema = {"type": "string"}
_ID: Schema = {"type": "string", "minLength": 1}
_MAYBE: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_IDS: Schema = {
    "type": "object",
    "required": ["total", "ids"],
    "properties": {"total": _COUNT, "ids": {"type": "array", "items": _ID, "maxItems": MOST_IDS}},
}
_ATTRIBUTES: Schema = {"type": "array", "items": _TEXT}
_STATES: Schema = {"enum": [*(state.value for state in SeatState), None]}
_TERMS: Mapping[str, Schema] = {
    "seats": _COUNT,
    "policy": {"enum": [policy.value for policy in Policy]},
    "overage": _COUNT,
}

_PRODUCT = Fact("The product's code.", _ID)
_CHANGED = Fact("The attributes that have another value than before, by name.", _ATTRIBUTES)
_SEAT = {"product": _PRODUCT, "was": Fact("The seat's state before; null where there was no seat.", _STATES)}
_GRANT = {
    "role": Fact("The role's code.", _ID),
    "source": Fact("What gives it: `direct` (the identity provider), `direct:admin`, `rule:ID`, `kept`.", _TEXT),
}
_RECEIPT = {
    "receipt": Fact("The receipt's id.", _ID),
    "ended": Fact("How they left.", {"enum": [str(each) for each in Ended]}),
    "due": Fact("By when all of it is to be acknowledged.", _MOMENT),
    "missing": Fact(
        "What has not been acknowledged.", {"type": "array", "items": {"enum": [str(each) for each in Part]}}
    ),
}
_STREAM = {"stream": Fact("The stream's id.", _ID), "name": Fact("Its name.", _TEXT)}
_ISSUE = {
    "issue": Fact("The issue's id.", _ID),
    "code": Fact("What is the matter (docs/issues.md).", {"enum": list(KINDS)}),
    "user": Fact("The person whom it concerns, by id.", _ID, always=False),
    "group": Fact("The group that it concerns, by id.", _ID, always=False),
    "product": Fact("The product that it concerns, by code.", _ID, always=False),
    "connection": Fact("The connection that brought it up, by id.", _ID, always=False),
    "about": Fact("What it is about: an address, the name of a role, ...", _TEXT, always=False),
}


def _members(about: str) -> Fact:
    return Fact(f"{about}: how many, and the ids of the first {MOST_IDS}.", _IDS)


EVENT_TYPES: Mapping[str, EventType] = {
    PROVISIONED: EventType(
        "A person is new: pushed by an identity provider, added by hand, imported or invited.",
        (USER,),
        {"continues": Fact("The id of the deleted person whose history they go on with.", _ID, always=False)},
    ),
    "user.changed": EventType(
        "A person's attributes changed, and they may hold seats as before.", (USER,), {"changed": _CHANGED}
    ),
    "user.suspended": EventType(
        "A person may hold no seat any more, until they are reactivated: end their sessions.",
        (USER,),
        {
            "changed": _CHANGED,
            "reason": Fact("Why: `by_idp` (`active` is false), `by_admin`, `declined`, `moved_away`.", _TEXT),
        },
    ),
    "user.reactivated": EventType("A suspended person may hold seats again.", (USER,), {"changed": _CHANGED}),
    "user.deleted": EventType("A person is gone: seats, roles and memberships ended.", (USER,)),
    "user.restored": EventType("A deleted person is back, under the id they had.", (USER,)),
    "user.erased": EventType(
        "What was stored of a deleted person was erased for good, at their wish: erase what you have.", (USER,)
    ),
    TAKEN_OVER: EventType(
        "Somebody else has taken a person's place under the same id: end every session of the one before.",
        (USER,),
        {"before": Fact("The userName of the person before.", _TEXT)},
    ),
    "seat.assigned": EventType("A person has a seat: let them use the product, and what it includes.", (USER,), _SEAT),
    "seat.waiting": EventType("A person should have a seat and there is none: they stand in line.", (USER,), _SEAT),
    "seat.held": EventType(
        "A seat would go with many others and is held: it works until it is due.",
        (USER,),
        {**_SEAT, "due": Fact("When it goes unless an admin keeps it.", _MOMENT)},
    ),
    "seat.released": EventType("A person has no seat any more, or waits for none.", (USER,), _SEAT),
    "role.granted": EventType("A person has a role, by one more source.", (USER,), _GRANT),
    "role.removed": EventType("A source of a person's role ended; others may still give it.", (USER,), _GRANT),
    "group.created": EventType("A group is new.", (GROUP,), {"members": _members("Who is in it")}),
    "group.changed": EventType(
        "A group has other attributes or other members.",
        (GROUP,),
        {"changed": _CHANGED, "added": _members("Who joined"), "removed": _members("Who left")},
    ),
    "group.deleted": EventType("A group is gone.", (GROUP,), {"members": _members("Who was in it")}),
    "group.restored": EventType("A deleted group is back.", (GROUP,), {"members": _members("Who is in it")}),
    "transfer.completed": EventType(
        "Seats and sessions moved from one person to another, or somebody took another's place. Both are told.",
        (USER,),
        {
            "mode": Fact("What was transferred.", {"enum": [mode.value for mode in Mode]}),
            "from": Fact("Who gave, by id.", _ID),
            "to": Fact("Who received, by id.", _ID),
            "products": Fact("The products whose seats moved, by code.", {"type": "array", "items": _ID}),
            "sessions": _members("The sessions that moved"),
        },
    ),
    "session.reassigned": EventType(
        "A person organises a session that was somebody else's.",
        (USER,),
        {"session": Fact("The session's id.", _ID), "from": Fact("Whose it was, by id.", _ID)},
    ),
    "session.cancelled": EventType(
        "An upcoming session of a person will not be.",
        (USER,),
        {"session": Fact("The session's id.", _ID), "starts": Fact("When it would have begun.", _MOMENT)},
    ),
    "subscription.changed": EventType(
        "Seats of a product were bought or given back, or what happens when they run out was set.",
        (PRODUCT,),
        {
            "seats": Fact("Seats bought.", _COUNT),
            "policy": Fact("What happens when they run out.", _TERMS["policy"]),
            "overage": Fact("How many more may be assigned.", _COUNT),
            "was": Fact(
                "The same as it was before; null where there was nothing.",
                {"type": ["object", "null"], "required": list(_TERMS), "properties": dict(_TERMS)},
            ),
        },
    ),
    "subscription.low": EventType(
        "Fewer seats of a product are free than the tenant's setting `low_water` wants, or none is. Said once, until "
        "there are enough again.",
        (PRODUCT,),
        {
            "seats": Fact("Seats bought.", _COUNT),
            "assigned": Fact("Seats assigned.", _COUNT),
            "free": Fact("Seats that are free.", _COUNT),
            "waiting": Fact("People who wait for one.", _COUNT),
        },
    ),
    "receipt.opened": EventType(
        "A person was suspended or deleted, or somebody else took their place: end their sessions, keys and access to "
        "data, and acknowledge it (docs/receipts.md).",
        (USER,),
        _RECEIPT,
    ),
    "receipt.overdue": EventType("A leaver receipt was not acknowledged in time.", (USER,), _RECEIPT),
    "receipt.closed": EventType(
        "A leaver receipt is confirmed, or void: the person was back first.",
        (USER,),
        {**_RECEIPT, "outcome": Fact("What has become of it.", {"enum": [str(each) for each in CLOSED]})},
    ),
    REQUEST_COMPLETED: EventType(
        "An asynchronous request of a SCIM client was carried out, or one operation of a Bulk (docs/async.md).",
        (USER, GROUP, TENANT),
        {
            "txn": Fact("What the answer had as Set-Txn; of a Bulk with `:` and the operation's index, from 0.", _ID),
            "method": Fact("POST, PUT, PATCH or DELETE.", _TEXT),
            "uri": Fact("The address of the resource below the tenant's base address.", _MAYBE),
            "location": Fact("The same as a whole.", _MAYBE),
            "version": Fact("The resource's ETag.", _MAYBE),
            "status": Fact("The status code it would have been answered with, as text.", _TEXT),
            "bulkId": Fact("The operation's.", _TEXT, always=False),
            "response": Fact("Where it failed, the SCIM Error.", {"type": "object"}, always=False),
        },
    ),
    VERIFICATION_REQUESTED: EventType(
        "Somebody asks whether a stream of security event tokens works; it is told so itself (docs/streams.md).",
        (TENANT,),
        {**_STREAM, "state": Fact("What its receiver knows the question by.", _TEXT, always=False)},
    ),
    STATUS_CHANGED: EventType(
        "A stream of security event tokens is sent, or is not sent any more.",
        (TENANT,),
        {
            **_STREAM,
            "status": Fact("What it is now.", {"enum": [str(each) for each in Status]}),
            "reason": Fact("Why.", _TEXT, always=False),
        },
    ),
    "connection.removed": EventType(
        "A connection was removed: its identity provider changes nothing any more. People and groups stay as they are.",
        (TENANT,),
        {
            "connection": Fact("The connection's id.", _ID),
            "name": Fact("What it was called.", _TEXT),
            "people": Fact("How many people it managed.", _COUNT),
            "groups": Fact("How many groups it managed.", _COUNT),
            "successor": Fact("The connection that has them, by id; left out where none has.", _ID, always=False),
        },
    ),
    "issue.opened": EventType("There is a problem that somebody can act on.", (USER, GROUP, PRODUCT, TENANT), _ISSUE),
    "issue.closed": EventType("A problem is none any more.", (USER, GROUP, PRODUCT, TENANT), _ISSUE),
}
"""Every type, by name."""
