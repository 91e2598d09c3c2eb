"""What the business refuses. Each carries a sentence for a person; the edges decide how it looks there."""

from collections.abc import Sequence


class Refusal(Exception):
    """A use case said no and changed nothing."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Missing(Refusal):
    """What the request names is not there, as far as this tenant can see."""


class Gone(Refusal):
    """What the request names was there once and is over."""


class Invalid(Refusal):
    """What was asked makes no sense, whatever the state of the store."""


class ForeignDomain(Invalid):
    """An address lies in a domain that the tenant has not verified, though it has verified others."""

    def __init__(self, place: str, address: str, domains: Sequence[str]) -> None:
        super().__init__(
            f"{place}: '{address}' lies in a domain that this tenant has not verified. Use an address in "
            f"{', '.join(domains[:5])}{_beyond(len(domains) - 5)}, or have an admin of the tenant add that domain and "
            "verify it."
        )


class Unproven(Refusal):
    """The proof of a domain is not where its owner should have published it."""


class Taken(Refusal):
    """A name, code or address that must be unique belongs to somebody else."""


class OwnedElsewhere(Taken):
    """An e-mail address is owned in another tenant (design section 6, invariant 5), whose owner can be invited."""

    def __init__(self, detail: str, address: str) -> None:
        super().__init__(detail)
        self.address = address


class AddressTaken(OwnedElsewhere):
    """The same of an address that somebody here should have. Names no other tenant."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"The e-mail address '{address}' is in use outside this tenant. "
            "Use another address, or have its present owner give it up; the request can then be sent again.",
            address,
        )


class SeatLimit(Refusal):
    """No seat is left and the subscription's policy is `reject`."""

    def __init__(self, product: str, seats: int, assigned: int) -> None:
        super().__init__(
            f"seatLimit: no seat of '{product}' is free ({assigned} of {seats} assigned) and the subscription refuses "
            "people beyond it. Release a seat or buy more, then send the request again."
        )
        self.product = product


class SeatsInUse(Refusal):
    """Seats cannot be given back while people hold them. `holders` are the first user names or invited addresses."""

    def __init__(self, product: str, wanted: int, assigned: int, holders: Sequence[str]) -> None:
        super().__init__(
            f"{assigned} {'seat' if assigned == 1 else 'seats'} of '{product}' "
            f"{'is' if assigned == 1 else 'are'} assigned, more than the {wanted} asked for. "
            f"Release some first. Holders: {', '.join(holders)}{_beyond(assigned - len(holders))}"
        )
        self.holders = tuple(holders)


class StillManages(Refusal):
    """A connection cannot be removed before somebody says what becomes of the people and groups that it manages."""


def _beyond(others: int) -> str:
    return f" and {others} more" if others > 0 else ""


class TooMany(Refusal):
    """A search would read more, or take longer, than one may."""


class ConcernsTooMany(TooMany):
    """A change that is only tried out would concern more people than are worked out meanwhile."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"The change concerns more than {most} people, for whom it is not worked out at once what it would do."
        )
        self.most = most


class Forbidden(Refusal):
    """Whoever asks may not do that, whatever the state of the store."""


class KeyReused(Refusal):
    """The key of a request came before, with another request."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"The Idempotency-Key '{key}' came before with another request. Send this one with a key of its own."
        )


class InProgress(Refusal):
    """The same request is being carried out at this moment."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"A request with the Idempotency-Key '{key}' is being carried out at this moment. "
            "Send it again in a moment for its answer."
        )


class Lost(Refusal):
    """A request was carried out, and its answer is not known any more."""

    def __init__(self, request_id: str) -> None:
        super().__init__(
            f"The request was carried out before, as request {request_id}, but the server stopped before it could "
            "answer. Look at what it changed (the audit trail has it under that request id); do not send it again."
        )


class QueueFull(Refusal):
    """As many asynchronous requests wait as may, some of the same sender among them, before which none may be
    carried out."""

    def __init__(self, most: int, most_bytes: int) -> None:
        super().__init__(
            f"As many asynchronous requests of this tenant wait to be carried out as may, some of this client among "
            f"them: {most}, or {most_bytes // 1_000_000} MB. Nothing was done; send the request again later."
        )


class LaterChanges(Refusal):
    """What is to be undone was changed again since. `since` are those changes, newest first: what, who, when, id."""

    def __init__(self, what: str, names: Sequence[str], since: Sequence[tuple[str, str, str, str]]) -> None:
        which = f" ({', '.join(names)})" if names else ""
        by = "".join(f" {action} by {actor} at {at} (entry {entry})." for action, actor, at, entry in since[:3])
        super().__init__(f"The {what} is not as that change left it{which}.{by} Undo that first, or change it by hand.")
        self.since = tuple(since)


class RoleAboveMax(Refusal):
    """A connection may not grant a role that permits more than its `max_role`."""

    def __init__(self, role: str, max_role: str) -> None:
        super().__init__(
            f"roles: '{role}' permits more than '{max_role}', the highest role that may be granted here. "
            "Leave it out, or have an admin grant it or raise the limit."
        )


class LastSuperAdmin(Refusal):
    """The request would leave the tenant without a super admin (design section 6, invariant 8)."""

    def __init__(self, user_id: str, user_name: str) -> None:
        super().__init__(
            f"'{user_name}' is the last super admin of this tenant and can be neither removed, demoted nor suspended. "
            "Make somebody else super admin first, then try again."
        )
        self.user_id = user_id


class Unavailable(Exception):
    """The store cannot be reached now; the same request may succeed later."""


class Unprivileged(Unavailable):
    """The login at the database may not do what the server needs. The message ends with what is to be run there."""


class Unfit(Unavailable):
    """What stands at the database's address is not what the settings say. The message ends with what to change."""


class Unusable(Unavailable):
    """The store is where it should be and will not do as it is. `fault` says why, `cure` what its operator must do."""

    def __init__(self, fault: str, cure: str) -> None:
        super().__init__(f"the database cannot be used: {fault}")
        self.fault, self.cure = fault, cure


class WrongKey(Unavailable):
    """What is stored is sealed, and no key of SCIM_SECRET_KEY opens it. The message names the place."""

    ADVICE = (
        "The server cannot open what it has stored: its operator has to give it the key that this was sealed with, in "
        "SCIM_SECRET_KEY."
    )


class Contention(Unavailable):
    """A transaction lost against another one, again and again."""

    ADVICE = "Too many requests change the same things at once. Nothing was changed; send the request again."
