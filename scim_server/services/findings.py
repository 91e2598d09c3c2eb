"""What can be found out about a connection, in words: what it means, and what to do about it.

Sentences have places such as `%(count)s` for the facts of a finding; facts are numbers, moments and names.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_FRACTION = re.compile(r"(?<=T\d\d:\d\d:\d\d)\.\d+(?=Z$)")


class Verdict(StrEnum):
    """How a finding is to be taken."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a finding of one code says, and what to do, if there is anything to be done."""

    verdict: Verdict
    says: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found out."""

    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        return KINDS[self.code].verdict

    @property
    def says(self) -> str:
        """In English, with moments to the second."""
        return KINDS[self.code].says % {name: _FRACTION.sub("", str(fact)) for name, fact in self.facts.items()}

    @property
    def cure(self) -> str:
        return KINDS[self.code].cure % self.facts


KINDS: Mapping[str, Kind] = {
    "way_in": Kind(
        Verdict.GOOD,
        "It can come in: %(tokens)s live tokens, %(clients)s OAuth clients, %(issuers)s trusted issuers.",
    ),
    "no_way_in": Kind(
        Verdict.BAD,
        "Nothing opens this connection: it has neither a live token nor an OAuth client nor a trusted issuer.",
        "Make it a token and paste it into the identity provider.",
    ),
    "token_expired": Kind(
        Verdict.BAD,
        "Its last token expired on %(expires)s, so the identity provider is answered with 401.",
        "Make a new token and paste it into the identity provider.",
    ),
    "token_expires": Kind(
        Verdict.WARNING,
        "Its last token to expire ends on %(expires)s.",
        "Replace the token now, while the old one works on.",
    ),
    "not_changed_over": Kind(
        Verdict.WARNING,
        "The newest token was never used. The client still uses token %(token)s, which ends on %(expires)s.",
        "Paste the newest token into the identity provider. Where it is lost, replace the token once more.",
    ),
    "reads_only": Kind(
        Verdict.WARNING,
        "What it comes in with is good for reading alone, so it can create and change nobody.",
        "Unless that is meant, make a token that is good for writing as well.",
    ),
    "held_to_networks": Kind(Verdict.GOOD, "It takes requests from %(networks)s alone."),
    "outside_networks": Kind(
        Verdict.BAD,
        "A request from %(address)s was refused on %(at)s: the connection takes none from there.",
        "If that is the identity provider, add its network to the terms of the connection. If it is a proxy, the "
        "operator has to name it in SCIM_TRUSTED_PROXIES.",
    ),
    "never_sent": Kind(
        Verdict.WARNING,
        "It never sent a request that was let in.",
        "Have the identity provider test the connection. Requests with a wrong token belong to nobody, and show in no "
        "log of the tenant: where it says 401, paste the token again.",
    ),
    "silent": Kind(
        Verdict.WARNING,
        "It has sent nothing since %(at)s.",
        "See whether provisioning is still on at the identity provider, and what its own log says.",
    ),
    "sends": Kind(Verdict.GOOD, "Its last request came on %(at)s."),
    "refused_lately": Kind(
        Verdict.WARNING,
        "Requests of the last %(days)s days that were refused: %(count)s.",
        "Below they are told by kind, with the reason of the last one.",
    ),
    "none_refused": Kind(Verdict.GOOD, "No request of the last %(days)s days was refused."),
    "log_unread": Kind(
        Verdict.WARNING,
        "The provisioning log is too large to look for refused requests in time.",
        "Look at the log of a day.",
    ),
    "clock_behind": Kind(
        Verdict.WARNING,
        "What is known of this connection lies %(seconds)s seconds ahead of this machine's clock.",
        "The clocks of the server's machines differ: the operator has to have them follow a time server. Tokens that "
        "the identity provider signs itself are refused where clocks differ by more than a minute.",
    ),
    "strict_profile": Kind(
        Verdict.WARNING,
        "The tenant follows the profile %(profile)s, which refuses much of what clients send otherwise than the "
        "standard has it.",
        "Unless that is meant, have the tenant follow the profile %(usual)s.",
    ),
    "habits_off": Kind(
        Verdict.WARNING,
        "Habits of clients that are switched off for the tenant: %(habits)s.",
        "Switch them on again in the terms of the tenant if the client has them.",
    ),
    "unknown_members": Kind(
        Verdict.WARNING,
        "Members of groups whom nobody here knows: %(count)s.",
        "Assign these people to the application, so that they are created, and push the groups again.",
    ),
    "unknown_entitlements": Kind(
        Verdict.WARNING,
        "Assigned entitlements that are no products here: %(count)s.",
        "Correct the values at the identity provider: entitlements are called as products are.",
    ),
    "unknown_roles": Kind(
        Verdict.WARNING,
        "Assigned roles that the tenant does not have: %(count)s.",
        "Correct the values at the identity provider, or make the roles.",
    ),
    "roles_above_max": Kind(
        Verdict.WARNING,
        "Roles above the highest that the connection may grant, which were not given: %(count)s.",
        "Give these roles by hand, or raise the highest role of the connection.",
    ),
    "addresses_in_use": Kind(
        Verdict.WARNING,
        "Addresses that belong to somebody else: %(count)s.",
        "Give one of the two people another address.",
    ),
    "issuer_unreachable": Kind(
        Verdict.BAD,
        "The keys of a trusted issuer cannot be fetched, so its tokens are refused.",
        "See whether the issuer can be reached from this server, and whether its address is right.",
    ),
    "played_well": Kind(
        Verdict.GOOD,
        "Its own requests were played, and all were answered as it takes them: %(count)s.",
    ),
    "played_badly": Kind(
        Verdict.BAD,
        "Its own requests were played, and not all were answered as it takes them: %(failed)s of %(count)s.",
        "Below each is told with its reason.",
    ),
    "step_scope": Kind(
        Verdict.BAD,
        "The token is not good for this.",
        "Make a token that is good for reading and writing.",
    ),
    "step_sensitive": Kind(
        Verdict.BAD,
        "The tenant refuses filters on personal data in addresses, by which this client looks people up.",
        "Set the tenant's switch filter.sensitive to allow.",
    ),
    "step_seats": Kind(
        Verdict.BAD,
        "No seat is free, and the subscription refuses people beyond it.",
        "Buy seats, or let people wait: change the subscription's policy.",
    ),
    "step_forbidden": Kind(
        Verdict.BAD,
        "The terms of the connection or of the tenant forbid this; the answer says which.",
        "Change the terms if the client is to do this.",
    ),
    "step_refused": Kind(
        Verdict.BAD,
        "The tenant does not take what this client sends; the answer says what.",
        "See whether the tenant's profile or one of its switches asks for more than the client can do. Otherwise "
        "correct the mapping at the identity provider.",
    ),
    "step_taken": Kind(
        Verdict.BAD,
        "The name or address is in use.",
        "Have the identity provider match people on userName, so that it adopts whom it finds.",
    ),
    "step_not_there": Kind(
        Verdict.BAD,
        "The address leads nowhere, or to somebody who is gone.",
        "Compare the base address with the one that is told here, the end /v2 included. Who is gone is created anew "
        "by the next run of the identity provider.",
    ),
    "step_limited": Kind(
        Verdict.BAD,
        "The client sends more than it may.",
        "Have the operator raise the limit; the client is told when to come again.",
    ),
    "step_failed": Kind(
        Verdict.BAD,
        "The server failed.",
        "Tell the operator, with the time of this check-up.",
    ),
    "step_otherwise": Kind(
        Verdict.BAD,
        "It was answered, but not with what the client expects.",
        "See whether one of the tenant's switches changes answers; what the client then does is in its own log.",
    ),
    "step_skipped": Kind(
        Verdict.WARNING,
        "It was not sent, as an earlier one did not get what it needs.",
    ),
}
"""Findings about a connection, then why single requests are not answered as the client takes them."""
