"""Stream configurations (SSF 1.0 section 8.1.1): as they are shown, and what a receiver wants of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from scim_server.domain.errors import Invalid
from scim_server.domain.streams import EVERY_SCIM_EVENT, Delivery, Form, Stream, delivered
from scim_server.oauth.transmitter_metadata import POLL, PUSH
from scim_server.services.addresses import issuer_address, poll_address
from scim_server.services.security_event_types import supported
from scim_server.services.stream_changes import StreamWishes
from scim_server.services.streaming import NewStream

METHODS = {Delivery.PUSH: PUSH, Delivery.POLL: POLL}
_DELIVERIES = {method: delivery for delivery, method in METHODS.items()}
SUPPLIED = ("iss", "aud", "events_supported", "events_delivered")
"""What the transmitter decides: it may come back as it is shown, and no other."""
_SETS = frozenset({"aud", "events_supported", "events_delivered"})


def configuration(stream: Stream, public_url: str, slug: str) -> dict[str, Any]:
    """The stream as its receiver sees it. Its authorization header is shown to nobody."""
    events = supported(Form.FULL)
    shown: dict[str, Any] = {
        "stream_id": stream.id,
        "iss": issuer_address(public_url, slug),
        "aud": stream.audience[0] if len(stream.audience) == 1 else list(stream.audience),
        "events_supported": list(events),
        "events_requested": [each for wish in stream.requested for each in _meant(wish, stream.form)],
        "events_delivered": list(delivered(stream.requested, supported(stream.form))),
        "delivery": {"method": METHODS[stream.delivery], "endpoint_url": _endpoint(stream, public_url, slug)},
    }
    return shown if stream.description is None else shown | {"description": stream.description}


def status(stream: Stream) -> dict[str, Any]:
    """Section 8.1.2."""
    shown = {"stream_id": stream.id, "status": stream.status.value}
    return shown if stream.reason is None else shown | {"reason": stream.reason}


@dataclass(frozen=True, slots=True)
class _Delivery:
    """How tokens are to come. `authorization` is None where nothing is said of it."""

    kind: Delivery
    url: str | None
    authorization: str | None


def new_stream(body: Mapping[str, Any], actor: str, name: str) -> NewStream:
    """What a receiver wants for a stream. Raises Invalid."""
    delivery = _delivery(body.get("delivery", {"method": POLL}))
    if delivery.kind is Delivery.POLL and delivery.url is not None:
        raise Invalid("The address that tokens are fetched from is the transmitter's to say: leave endpoint_url out.")
    requested = _requested(body)
    kind, _, id_ = actor.partition(":")
    return NewStream(
        name=name,
        delivery=delivery.kind,
        url=delivery.url,
        authorization=delivery.authorization,
        audience=(id_,) if kind == "client" else (),
        form=_form(requested),
        requested=requested,
        description=_optional_text(body, "description"),
        owner=actor,
    )


def wishes(body: Mapping[str, Any], stream: Stream, shown: Mapping[str, Any], *, replaces: bool) -> StreamWishes:
    """What of the stream is to be otherwise; what a body that `replaces` leaves out is taken away. Raises Invalid where
    it contradicts what is `shown` of what the receiver does not decide."""
    for name in SUPPLIED:
        if name in body and _comparable(name, body[name]) != _comparable(name, shown[name]):
            raise Invalid(f"'{name}' is the transmitter's to say, and not that. Read the configuration again.")
    requested = _requested(body) if replaces or "events_requested" in body else None
    description = _optional_text(body, "description") or ("" if replaces or "description" in body else None)
    delivery = _delivery(body.get("delivery", {"method": POLL})) if replaces or "delivery" in body else None
    url, authorization = _redirected(delivery, stream, shown)
    return StreamWishes(
        url=url,
        authorization=authorization,
        form=None if requested is None else _form(requested),
        requested=requested,
        description=description,
    )


def _redirected(delivery: _Delivery | None, stream: Stream, shown: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The other address and header. A header that nothing is said of stays: as nobody is shown it, a receiver that puts
    back what it has read would lose it."""
    if delivery is None:
        return None, None
    if delivery.kind is not stream.delivery:
        raise Invalid(f"A stream stays what it is, '{METHODS[stream.delivery]}': create another for the other method.")
    if delivery.kind is Delivery.POLL:
        if delivery.url not in (None, shown["delivery"]["endpoint_url"]):
            raise Invalid("The address that tokens are fetched from is the transmitter's to say: leave it as it is.")
        return None, delivery.authorization
    return delivery.url, delivery.authorization


def _delivery(said: Any) -> _Delivery:
    method = said.get("method") if isinstance(said, Mapping) else None
    if not isinstance(method, str) or method not in _DELIVERIES:
        raise Invalid(f"'delivery' is an object whose 'method' is '{PUSH}' or '{POLL}'.")
    kind, url = _DELIVERIES[method], _optional_text(said, "endpoint_url")
    if kind is Delivery.PUSH and not url:
        raise Invalid("Tokens are pushed to an 'endpoint_url': write it into 'delivery'.")
    header = (_optional_text(said, "authorization_header") or "") if "authorization_header" in said else None
    return _Delivery(kind, url, header)


def _requested(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Whoever names nothing wants all of RFC 9967."""
    said = body.get("events_requested")
    if said is None:
        return (EVERY_SCIM_EVENT,)
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise Invalid("'events_requested' is a list of event URIs.")
    return tuple(said)


def _form(requested: Collection[str]) -> Form:
    """Whoever asks for an event with values gets values."""
    return Form.FULL if any(each.endswith(f":{Form.FULL}") for each in requested) else Form.NOTICE


def _meant(wish: str, form: Form) -> Collection[str]:
    return delivered([wish], supported(form)) if wish.endswith("*") else [wish]


def _endpoint(stream: Stream, public_url: str, slug: str) -> str:
    return poll_address(public_url, slug, stream.id) if stream.url is None else stream.url


def _comparable(name: str, said: Any) -> Any:
    if name not in _SETS:
        return said
    listed = said if isinstance(said, list) else [said]
    return {each if isinstance(each, str) else repr(each) for each in listed}


def _optional_text(said: Mapping[str, Any], name: str) -> str | None:
    found = said.get(name)
    if found is not None and not isinstance(found, str):
        raise Invalid(f"'{name}' is a text.")
    return found
