"""An event as a stream tells it: the claims of its security event tokens, in order (RFC 8417, RFC 9967, SSF 1.0).

Each has one event. Sent again it has the `jti` that it had, and all that come of one request have its `txn`, in every
stream.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from scim_server.domain.events import GROUP, REQUEST_COMPLETED, TAKEN_OVER, USER, PlacedEvent
from scim_server.domain.feeds import WITHIN, Scope
from scim_server.domain.instants import Instant
from scim_server.domain.streams import Form, Status, Stream
from scim_server.services.account_events import DELETED, REACTIVATED, SUSPENDED, Told, account_events, seconds
from scim_server.services.security_event_types import (
    ACTIVATE,
    ASYNC_RESPONSE,
    DEACTIVATE,
    DELETE,
    FEED_ADD,
    FEED_REMOVE,
    STREAM_UPDATED,
    VERIFICATION,
    change_uri,
)

Claims = Mapping[str, Any]
CHANGED_GROUP = "group.changed"
_GONE = frozenset({DELETED, "group.deleted"})
_STANDINGS = {SUSPENDED: DEACTIVATE, REACTIVATED: ACTIVATE}
ALWAYS_TOLD = _GONE | _STANDINGS.keys() | {TAKEN_OVER, REQUEST_COMPLETED}
"""Events that say something even where nothing of the resource changed."""
_PATHS = {USER: "/Users", GROUP: "/Groups"}
"""Relative to the base address, by the kind of the subject."""
_OF_RESPONSES = ("method", "location", "bulkId", "version", "status", "response")
"""What a completed request says: the members of a bulk response (RFC 7644 section 3.7.3)."""


def tokens_of(
    issuer: str, stream: Stream, event: PlacedEvent, now: Instant, scope: Scope = WITHIN
) -> tuple[Claims, ...]:
    """The claims of the tokens that tell the event to the stream, at `now`; none where it does not want to know.

    `issuer` is the tenant's; `scope` says how the event's subject stands with the stream's feed. Who enters is added
    and nothing else is told; who leaves is removed behind all that is told (C-138), unless they are gone.
    """
    wanted = (each for each in _told(issuer, stream, event, scope) if stream.takes(_asked(stream, each.uri)))
    txn = str(event.payload.get("txn", event.request_id))
    return tuple(
        {
            **_head(issuer, stream, now, _jti(stream.id, event.id, each.uri, each.part)),
            "txn": txn,
            "toe": seconds(event.at),
            "sub_id": dict(each.subject),
            "events": {each.uri: dict(each.payload)},
        }
        for each in wanted
    )


def verification(issuer: str, stream: Stream, now: Instant, request_id: str, state: str | None) -> Claims:
    """The claims of the token by which a stream says that it works (SSF 1.0 section 8.1.4.1)."""
    return _of_stream(issuer, stream, now, request_id, VERIFICATION, {} if state is None else {"state": state})


def stream_updated(
    issuer: str, stream: Stream, now: Instant, request_id: str, status: Status, reason: str | None
) -> Claims:
    """The claims of the token by which a stream says that it sends, or no longer does (SSF 1.0 section 8.1.5)."""
    payload = {"status": str(status)} | ({} if reason is None else {"reason": reason})
    return _of_stream(issuer, stream, now, request_id, STREAM_UPDATED, payload)


def repeated(stream: Stream, events: Sequence[PlacedEvent]) -> Collection[int]:
    """The positions of those events, in order, that need not be told, as a later one tells all that they do: what a
    group was patched in, by name (RFC 9967 section 5). Nothing is lost where the later one is sent another time."""
    if stream.form is Form.FULL:
        return ()
    told: dict[str, frozenset[str]] = {}
    found = []
    for event in reversed(events):
        if event.subject.kind != GROUP:
            continue
        names = _patched(event)
        if names and names <= told.get(event.subject.key, frozenset()):
            found.append(event.position)
        else:
            told[event.subject.key] = names
    return found


def _patched(event: PlacedEvent) -> frozenset[str]:
    change = event.scim
    is_patch = change is not None and change.method == "patch" and event.event == CHANGED_GROUP
    return frozenset(change.attributes) if change is not None and is_patch else frozenset()


def _told(issuer: str, stream: Stream, event: PlacedEvent, scope: Scope) -> Iterator[Told]:
    subject = _subject(event)
    if event.event == REQUEST_COMPLETED:
        if scope.before or scope.after:
            yield Told(ASYNC_RESPONSE, _response(event), subject)
        return
    if event.subject.kind not in _PATHS or not is_told(event):
        return
    if scope.enters and not _is_new(event):
        yield Told(FEED_ADD, {}, subject)
    elif scope.before or scope.after:
        yield from _provisioned(stream.form, event, subject)
        yield from account_events(issuer, event)
        if scope.leaves and event.event not in _GONE:
            yield Told(FEED_REMOVE, {}, subject)


def _provisioned(form: Form, event: PlacedEvent, subject: Mapping[str, str]) -> Iterator[Told]:
    """What became of the resource, then of its use."""
    change = event.scim
    if event.event in _GONE:
        yield Told(DELETE, {}, subject)
    elif change is not None:
        is_full = form is Form.FULL and change.data is not None
        payload = {"data": change.data} if is_full else {"attributes": list(change.attributes)}
        version = {} if change.version is None else {"version": change.version}
        yield Told(change_uri(change.method, Form.FULL if is_full else Form.NOTICE), {**version, **payload}, subject)
    if event.event in _STANDINGS:
        yield Told(_STANDINGS[event.event], {}, subject)


def _asked(stream: Stream, uri: str) -> str:
    """What a stream asks for that is told of by that URI: one with values has what is too large by name instead."""
    notice = f":{Form.NOTICE}"
    return f"{uri.removesuffix(notice)}:{Form.FULL}" if stream.form is Form.FULL and uri.endswith(notice) else uri


def is_told(event: PlacedEvent) -> bool:
    """Whether the event says anything that a stream can want to know."""
    return event.scim is not None or event.event in ALWAYS_TOLD


def _is_new(event: PlacedEvent) -> bool:
    return event.scim is not None and event.scim.method == "create"


def _subject(event: PlacedEvent) -> Mapping[str, str]:
    """RFC 9967 section 2.1; the service itself where no resource is known."""
    if event.subject.kind not in _PATHS:
        return {"format": "scim", "uri": "/"}
    id_, change = event.subject.id, event.scim
    external = {} if change is None or change.external_id is None else {"externalId": change.external_id}
    return {"format": "scim", "uri": f"{_PATHS[event.subject.kind]}/{id_}", "id": id_, **external}


def _response(event: PlacedEvent) -> Mapping[str, Any]:
    return {name: event.payload[name] for name in _OF_RESPONSES if event.payload.get(name) is not None}


def _of_stream(
    issuer: str, stream: Stream, now: Instant, request_id: str, uri: str, payload: Mapping[str, Any]
) -> Claims:
    return {
        **_head(issuer, stream, now, _jti(stream.id, request_id, uri)),
        "txn": request_id,
        "sub_id": {"format": "opaque", "id": stream.id},
        "events": {uri: dict(payload)},
    }


def _head(issuer: str, stream: Stream, now: Instant, jti: str) -> dict[str, Any]:
    audience: str | list[str] = stream.audience[0] if len(stream.audience) == 1 else list(stream.audience)
    return {"iss": issuer, "iat": seconds(now), "jti": jti, "aud": audience}


def _jti(*parts: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, " ".join(parts)))
