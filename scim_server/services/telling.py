"""Explanations in sentences for people. The same facts, in the same order, are in the explanation itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from scim_server.domain.explanations import (
    Beginning,
    Explanation,
    Hindrance,
    Lack,
    Obstacle,
    Outcome,
    Reason,
    Unmet,
)
from scim_server.domain.instants import Instant
from scim_server.domain.rules import Rule
from scim_server.domain.seats import (
    BY_ADMIN,
    DIRECT,
    EVERY_SOURCE,
    IMPORTED,
    TRANSFERRED,
    Claim,
    Seat,
    SeatState,
)

_SOURCES: Mapping[str, str] = {
    DIRECT: "the entitlements of the person's document name it",
    BY_ADMIN: "an admin gave it by hand",
    IMPORTED: "an import gave it",
    TRANSFERRED: "it came by a transfer",
}
"""What the sources of claims say, rules apart."""


def tell(explanation: Explanation) -> list[str]:
    """What the person has and why, what stands in the way, and what is lacking: one sentence or two a fact."""
    return [
        _OUTCOMES[explanation.outcome](explanation),
        *(sentence for reason in explanation.reasons for sentence in _reason(explanation, reason)),
        *(_HINDRANCES[each.obstacle](explanation, each) for each in explanation.hindrances),
        *(_unmet(explanation, each) for each in explanation.unmet),
        *_seats(explanation),
    ]


def tell_briefly(seat: Seat, claims: Iterable[Claim], rules: Mapping[str, Rule]) -> str:
    """Why there is that seat, from the person's claims and the rules by their sources alone."""
    mine = sorted((claim.place, claim.source) for claim in claims if claim.product == seat.product)
    waits = f" Waiting since {_moment(seat.since)}." if seat.state is SeatState.WAITING else ""
    if mine:
        return f"{_begun('; '.join(_briefly(source, rules) for _, source in mine))}.{waits}"
    if seat.state is SeatState.HELD:
        return f"A mass removal would have taken it; it goes at {_moment(seat.due or seat.since)}."
    return "It stands in for a bundle that includes it and is waited for."


def _briefly(source: str, rules: Mapping[str, Rule]) -> str:
    if source in rules:
        return f"{_rule(rules[source])} gives it"
    return _SOURCES.get(source, source)


def _who(explanation: Explanation) -> str:
    return f"'{explanation.user.user_name}'"


def _moment(at: Instant) -> str:
    return f"{at[:19]}Z"


def _since(began: Beginning | None) -> str:
    if began is None:
        return "since when and by whom is not recorded"
    if began.who is None:
        return f"since {_moment(began.at)}, by whom is not recorded"
    request = f", request {began.request_id}" if began.request_id else ""
    return f"since {_moment(began.at)}, by {began.who} ({began.cause}{request})"


def _assigned(explanation: Explanation) -> str:
    return f"{_who(explanation)} has a seat of '{explanation.product}', {_since(explanation.began)}."


def _held(explanation: Explanation) -> str:
    due = explanation.seat.due if explanation.seat else None
    end = f" It goes at {_moment(due)} unless an admin keeps it." if due else ""
    return (
        f"{_who(explanation)} works on with a seat of '{explanation.product}' that a mass removal would have taken; "
        f"it is held {_since(explanation.began)}.{end}"
    )


def _waiting(explanation: Explanation) -> str:
    meanwhile = f" Meanwhile {_listed(explanation.fallbacks)} stands in." if explanation.fallbacks else ""
    return f"{_who(explanation)} waits for a seat of '{explanation.product}', {_since(explanation.began)}.{meanwhile}"


def _covered(explanation: Explanation) -> str:
    bundles = _listed(explanation.covered_by)
    return f"{_who(explanation)} has '{explanation.product}' through a seat of {bundles}, which includes it."


def _fallback(explanation: Explanation) -> str:
    bundles = _listed(explanation.stands_in_for) or "a bundle"
    return (
        f"{_who(explanation)} has a seat of '{explanation.product}' while waiting for {bundles}, which includes it, "
        f"{_since(explanation.began)}."
    )


def _none(explanation: Explanation) -> str:
    return f"{_who(explanation)} does not have '{explanation.product}'."


_OUTCOMES: Mapping[Outcome, Callable[[Explanation], str]] = {
    Outcome.ASSIGNED: _assigned,
    Outcome.HELD: _held,
    Outcome.WAITING: _waiting,
    Outcome.COVERED: _covered,
    Outcome.FALLBACK: _fallback,
    Outcome.NONE: _none,
}


def _reason(explanation: Explanation, reason: Reason) -> Iterator[str]:
    if reason.rule is not None:
        yield from _by_rule(explanation, reason, reason.rule)
        return
    words = _SOURCES.get(reason.source, reason.source)
    if reason.values:
        words = f"{words} ({_listed(reason.values)})"
    elif reason.counterpart:
        words = f"'{reason.counterpart}' transferred it"
    yield f"'{reason.product}' is claimed: {words}, {_since(reason.began)}."


def _by_rule(explanation: Explanation, reason: Reason, rule: Rule) -> Iterator[str]:
    who = _who(explanation)
    names = [f"'{step.group_name}'" for step in reason.path]
    meets = f"{who} is in {', which is in '.join(names)}" if names else f"{who} meets that"
    yield f"'{reason.product}' is claimed: {_rule(rule)} gives it, {_since(reason.began)}; {meets}."
    for inner, step in zip([who, *names], reason.path, strict=False):
        yield f"{inner} is in '{step.group_name}' {_since(step.joined)}."


def _rule(rule: Rule) -> str:
    return f"the rule of priority {rule.priority} for {rule.audience}"


def _unknown(explanation: Explanation, _: Hindrance) -> str:
    return f"The catalogue has no product '{explanation.product}': the entitlements name it in vain."


def _suspended(explanation: Explanation, hindrance: Hindrance) -> str:
    why = {
        "by_idp": "the identity provider says that they are not active",
        "by_admin": "an admin suspended them",
        "declined": "they declined an invitation",
        "moved_away": "they moved to another tenant",
    }
    reason = why.get(str(hindrance.detail), str(hindrance.detail))
    dormant = " What is claimed is kept for their return." if explanation.reasons else ""
    return f"{_who(explanation)} is suspended and holds no seat: {reason}, {_since(hindrance.began)}.{dormant}"


def _excluded(explanation: Explanation, hindrance: Hindrance) -> str:
    source = hindrance.source or EVERY_SOURCE
    kept = {EVERY_SOURCE: "rules and entitlements", DIRECT: "the entitlements"}.get(source, "a rule that is gone")
    kept = _rule(hindrance.rule) if hindrance.rule else kept
    if hindrance.detail == "transfer":
        receiver = f" to '{hindrance.counterpart}'" if hindrance.counterpart else ""
        why = f"{_who(explanation)} gave '{explanation.product}' away{receiver}"
    else:
        why = f"an admin keeps {_who(explanation)} out of '{explanation.product}'"
    return f"{_begun(kept)} cannot give it: {why}, {_since(hindrance.began)}, until an admin gives it or lifts that."


def _no_seat(explanation: Explanation, _: Hindrance) -> str:
    queue, subscription = explanation.queue, explanation.subscription
    if queue is None or subscription is None:
        return f"No seat of '{explanation.product}' is free."
    place = f"{_who(explanation)} stands in place {queue.place} of {queue.length}"
    if not queue.needed:
        return f"{place}, and there is room."
    return f"{place}: {_counted(queue.needed)} must be released or bought until it is their turn."


def _bond(_: Explanation, hindrance: Hindrance) -> str:
    others = _listed(hindrance.products)
    given = _rule(hindrance.rule) if hindrance.rule else "a rule"
    return f"{_begun(given)} gives all or nothing: {others} must have room as well."


def _disabled(_: Explanation, hindrance: Hindrance) -> str:
    given = _rule(hindrance.rule) if hindrance.rule else "a rule"
    return f"{_begun(given)} would give it, but is disabled."


def _nothing(explanation: Explanation, _: Hindrance) -> str:
    return (
        f"Nothing gives it: {_who(explanation)} meets no rule that does, no entitlement names it, "
        "and nobody gave it by hand."
    )


_HINDRANCES: Mapping[Obstacle, Callable[[Explanation, Hindrance], str]] = {
    Obstacle.UNKNOWN: _unknown,
    Obstacle.SUSPENDED: _suspended,
    Obstacle.EXCLUDED: _excluded,
    Obstacle.NO_SEAT: _no_seat,
    Obstacle.BOND: _bond,
    Obstacle.DISABLED: _disabled,
    Obstacle.NOBODY_GIVES: _nothing,
}


def _unmet(explanation: Explanation, unmet: Unmet) -> str:
    who, rule = _who(explanation), _rule(unmet.rule)
    includes = "" if unmet.product == explanation.product else ", which includes it"
    lacks = {
        Lack.GROUP: f"{who} is not in that group",
        Lack.GROUP_MISSING: "there is no such group yet",
        Lack.CONDITION: f"{who} does not meet that",
    }
    return f"{_begun(rule)} gives '{unmet.product}'{includes}: {lacks[unmet.lack]}."


def _seats(explanation: Explanation) -> Iterator[str]:
    """How the subscription stands, where that matters to the person."""
    subscription, product = explanation.subscription, explanation.product
    if explanation.outcome not in {Outcome.NONE, Outcome.WAITING} or Obstacle.UNKNOWN in _obstacles(explanation):
        return
    if subscription is None or not subscription.seats:
        yield f"No seat of '{product}' is bought."
        return
    yield (
        f"Of '{product}' {_counted(subscription.seats)} bought, {subscription.assigned} assigned, "
        f"{subscription.waiting} waited for; when none is free, the policy is {subscription.policy}."
    )


def _obstacles(explanation: Explanation) -> set[Obstacle]:
    return {each.obstacle for each in explanation.hindrances}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _counted(seats: int) -> str:
    return "1 seat" if seats == 1 else f"{seats} seats"


def _begun(words: str) -> str:
    """The words at the beginning of a sentence."""
    return words[0].upper() + words[1:]
