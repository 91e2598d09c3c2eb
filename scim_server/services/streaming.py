"""Streams of a tenant, as its admins and its receivers set them up (`stream_changes.py` changes them)."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, replace
from urllib.parse import urlsplit

from scim_server.domain.errors import Invalid
from scim_server.domain.events import TENANT, Cause, Event, Subject
from scim_server.domain.streams import (
    EVERY_SCIM_EVENT,
    VERIFICATION_REQUESTED,
    Delivery,
    Form,
    Stream,
    check_authorization,
    check_stream,
    delivered,
)
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Progress
from scim_server.services import feeds, signing
from scim_server.services.hooking import check_sees
from scim_server.services.issues import WEBHOOK_FAILING
from scim_server.services.ports import UnitOfWork, Units, Web
from scim_server.services.receivers import check_address, followed, record, stream_among, stream_called
from scim_server.services.retrying import retried
from scim_server.services.security_event_types import supported
from scim_server.services.stream_owners import check_owner, end_owners_token, issue_owners_token

MOST = 20
"""Streams of a tenant."""
LONGEST_STATE = 1000


@dataclass(frozen=True, slots=True)
class NewStream:
    """What a stream is to be. Without an `audience` it is where it is pushed to, or a name that is made up.

    `authorization` is sent as the header of that name with all that is pushed. Who polls is the `owner`, an actor; a
    poll stream without one gets a token of its own.
    """

    name: str
    delivery: Delivery
    url: str | None = None
    authorization: str | None = field(default=None, repr=False)
    audience: tuple[str, ...] = ()
    form: Form = Form.NOTICE
    requested: tuple[str, ...] = (EVERY_SCIM_EVENT,)
    filter: str | None = None
    description: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed(Stream):
    """A stream, how far it has come, and how many events come after that."""

    progress: Progress
    behind: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Made(Stream):
    """A stream that is new, with the token that its receiver polls with, shown this once, where it needs one."""

    token: str | None


def create_stream(units: Units, web: Web, tenant: Tenant, cause: Cause, wanted: NewStream) -> Made:
    """Tell somebody what happens from now on as security event tokens. Raises Forbidden, Invalid, Missing, Taken."""
    check_sees(cause)
    check_address(web, wanted.url)
    made = _create(units, tenant, cause, wanted)
    signing.make_first(units)  # so that the key is published before anything is signed with it
    return made


@retried
def _create(units: Units, tenant: Tenant, cause: Cause, wanted: NewStream) -> Made:
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        if len(uow.streams.all()) >= MOST:
            raise Invalid(f"A tenant has {MOST} streams at most. Remove one that is not needed.")
        stream = _stream(uow, wanted)
        check(uow, stream, wanted.authorization)
        token = None
        if wanted.owner is not None:
            check_owner(uow, wanted.owner)
        elif stream.delivery is Delivery.POLL:
            owner, token = issue_owners_token(uow, stream.id)
            stream = replace(stream, owner=owner)
        _, last = uow.placed_events.reach()
        uow.streams.add(stream, wanted.authorization or None, last)
        feeds.begin(uow, stream)
        record(uow, None, stream, "created")
        settle_told(uow)
        uow.commit()
        return Made(*astuple(stream), token=token)


def _stream(uow: UnitOfWork, wanted: NewStream) -> Stream:
    id_ = uow.new_id()
    return Stream(
        id=id_,
        name=wanted.name,
        delivery=wanted.delivery,
        audience=wanted.audience or (_origin(wanted.url) or f"urn:uuid:{id_}",),
        owner=wanted.owner or uow.cause.actor,
        created=uow.now,
        form=wanted.form,
        requested=tuple(dict.fromkeys(wanted.requested)),
        filter=wanted.filter or None,
        url=wanted.url or None,
        authorized=bool(wanted.authorization),
        description=wanted.description or None,
    )


def _origin(url: str | None) -> str | None:
    """The address without what is behind its host."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None


def check(uow: UnitOfWork, stream: Stream, authorization: str | None) -> None:
    """Raises Invalid where no stream can be so."""
    check_stream(stream)
    check_authorization(stream.delivery, authorization)
    if stream.filter is not None:
        uow.conditions.check(stream.filter)


def streams(units: Units, tenant: Tenant) -> list[Followed]:
    """Every stream of the tenant by name."""
    with units.read(tenant) as uow:
        return [_followed(*each) for each in followed(uow, uow.streams.all())]


def _followed(stream: Stream, progress: Progress, behind: int) -> Followed:
    """Nothing is kept for one that does not listen."""
    return Followed(*astuple(stream), progress=progress, behind=behind if stream.listens else 0)


def stream(units: Units, tenant: Tenant, named: str) -> Followed:
    """The stream of that name or id. Raises Missing."""
    return stream_among(streams(units, tenant), named, tenant.slug)


@retried
def remove_stream(units: Units, tenant: Tenant, cause: Cause, named: str) -> Stream:
    """Tell nothing there any more, forget how far it had come, and end the token that was made with it. Raises
    Missing."""
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        removed = stream_called(uow, named)
        uow.webhooks.remove(removed.id)
        end_owners_token(uow, removed)
        uow.issues.close(WEBHOOK_FAILING, subjects=[removed.name])
        record(uow, removed, None, "removed")
        settle_told(uow)
        uow.commit()
        return removed


@retried
def verify_stream(units: Units, tenant: Tenant, cause: Cause, named: str, state: str | None = None) -> Stream:
    """Have the stream say that it works, with what its receiver knows it by, in its turn (SSF
    1.0 section 8.1.4). Raises Invalid, Missing."""
    if state is not None and not 0 < len(state) <= LONGEST_STATE:
        raise Invalid(f"The state of a verification has 1 to {LONGEST_STATE} characters.")
    with units.write(tenant, cause) as uow:
        found = stream_called(uow, named)
        if not found.listens:
            raise Invalid(f"The stream '{found.name}' is disabled: it would never say so. Enable it first.")
        told = {"stream": found.id, "name": found.name} | ({} if state is None else {"state": state})
        uow.publish(Event(VERIFICATION_REQUESTED, Subject(TENANT, uow.tenant.id), told))
        uow.commit()
        return found


def settle_told(uow: UnitOfWork) -> None:
    """Have events say what SCIM makes of changes as far as a stream wants to know, and say which events there are."""
    listening = [each for each in uow.streams.all() if each.listens]
    forms = {each.form for each in listening}
    form = Form.FULL if Form.FULL in forms else Form.NOTICE if forms else None
    uow.tell_scim(form, _uris(listening))


def _uris(streams: Sequence[Stream]) -> list[str]:
    """The events that any of those streams can have, in the order of the catalogue."""
    found = [set(delivered(each.requested, supported(each.form))) for each in streams]
    return [uri for uri in supported(Form.FULL) if any(uri in each for each in found)]
