"""Why a person has a product, or lacks it: the chain of group, rule, claim and seat, in the language of the page.

The facts and their order are those of the explanation; the subject of each sentence is the person whose page it is on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from flask_babel import gettext, ngettext
from markupsafe import Markup

from scim_server.console.doers import doer
from scim_server.console.formats import moment, number
from scim_server.console.words import word
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
from scim_server.domain.rules import Rule
from scim_server.domain.seats import DIRECT, EVERY_SOURCE


def chain(explanation: Explanation) -> list[Markup]:
    """What the person has and why, what stands in the way, and what is lacking: a sentence or two a fact."""
    return [
        _OUTCOMES[explanation.outcome](explanation),
        *(sentence for reason in explanation.reasons for sentence in _reason(explanation, reason)),
        *(_HINDRANCES[each.obstacle](explanation, each) for each in explanation.hindrances),
        *(_unmet(explanation, each) for each in explanation.unmet),
        *_bought(explanation),
    ]


def _say(sentence: str, **values: object) -> Markup:
    """The sentence with values in it, which are text whatever they hold."""
    return Markup(sentence) % values  # noqa: S704 the sentences are ours, and values are escaped


def _since(began: Beginning | None) -> Markup:
    if began is None:
        return _say(gettext("since when and by whom is not recorded"))
    if began.actor is None:
        return _say(gettext("since %(moment)s, by whom is not recorded"), moment=moment(began.at))
    who = doer(began.actor, began.name)
    return _say(gettext("since %(moment)s, by %(who)s"), moment=moment(began.at), who=who)


def _assigned(explanation: Explanation) -> Markup:
    return _say(gettext("Has a seat, %(since)s."), since=_since(explanation.began))


def _held(explanation: Explanation) -> Markup:
    due = explanation.seat.due if explanation.seat else None
    return _say(
        gettext(
            "Works on with a seat that a mass removal would have taken; it is held, %(since)s, and goes at %(due)s "
            "unless an admin keeps it."
        ),
        since=_since(explanation.began),
        due=moment(due),
    )


def _waiting(explanation: Explanation) -> Markup:
    if explanation.fallbacks:
        sentence = gettext("Waits for a seat, %(since)s. Meanwhile %(fallbacks)s stands in.")
        return _say(sentence, since=_since(explanation.began), fallbacks=_listed(explanation.fallbacks))
    return _say(gettext("Waits for a seat, %(since)s."), since=_since(explanation.began))


def _covered(explanation: Explanation) -> Markup:
    sentence = gettext("Has it through a seat of %(bundles)s, which includes it.")
    return _say(sentence, bundles=_listed(explanation.covered_by))


def _fallback(explanation: Explanation) -> Markup:
    return _say(
        gettext("Has a seat while waiting for %(bundles)s, which includes it, %(since)s."),
        bundles=_listed(explanation.stands_in_for),
        since=_since(explanation.began),
    )


def _none(_: Explanation) -> Markup:
    return _say(gettext("Does not have it."))


_OUTCOMES: Mapping[Outcome, Callable[[Explanation], Markup]] = {
    Outcome.ASSIGNED: _assigned,
    Outcome.HELD: _held,
    Outcome.WAITING: _waiting,
    Outcome.COVERED: _covered,
    Outcome.FALLBACK: _fallback,
    Outcome.NONE: _none,
}


def _reason(explanation: Explanation, reason: Reason) -> Iterator[Markup]:
    bundle = "" if reason.product == explanation.product else f"{reason.product}: "
    if reason.rule is not None:
        sentence = gettext("%(bundle)sIt is claimed: %(rule)s gives it, %(since)s.")
        yield _say(sentence, bundle=bundle, rule=_rule(reason.rule), since=_since(reason.began))
        for step in reason.path:
            sentence = gettext("Is in the group “%(group)s”, %(since)s.")
            yield _say(sentence, group=step.group_name, since=_since(step.joined))
        return
    why = word("claimed", reason.source)
    if reason.values:
        why = f"{why} ({_listed(reason.values)})"
    elif reason.counterpart:
        why = gettext("%(giver)s transferred it", giver=reason.counterpart)
    sentence = gettext("%(bundle)sIt is claimed: %(why)s, %(since)s.")
    yield _say(sentence, bundle=bundle, why=why, since=_since(reason.began))


def _rule(rule: Rule) -> str:
    if rule.condition is None:
        return str(
            gettext("rule %(priority)s for the group “%(group)s”", priority=rule.priority, group=rule.group_name)
        )
    return str(
        gettext("rule %(priority)s for people with %(condition)s", priority=rule.priority, condition=rule.condition)
    )


def _unknown(_: Explanation, __: Hindrance) -> Markup:
    return _say(gettext("The catalogue has no such product: the entitlements name it in vain."))


def _suspended(explanation: Explanation, hindrance: Hindrance) -> Markup:
    sentence = (
        gettext("Is suspended (%(reason)s), %(since)s, and holds no seat. What is claimed is kept for the return.")
        if explanation.reasons
        else gettext("Is suspended (%(reason)s), %(since)s, and holds no seat.")
    )
    return _say(sentence, reason=word("reason", hindrance.detail), since=_since(hindrance.began))


def _excluded(_: Explanation, hindrance: Hindrance) -> Markup:
    sentence = gettext("%(kept)s cannot give it: %(why)s, %(since)s, until an admin gives it or lifts that.")
    return _say(sentence, kept=_kept_away(hindrance), why=_why_excluded(hindrance), since=_since(hindrance.began))


def _kept_away(hindrance: Hindrance) -> str:
    if hindrance.rule:
        return str(gettext("The rule of priority %(priority)s", priority=hindrance.rule.priority))
    source = hindrance.source or EVERY_SOURCE
    if source == EVERY_SOURCE:
        return str(gettext("Rules and entitlements"))
    return str(gettext("The entitlements")) if source == DIRECT else str(gettext("A rule that is gone"))


def _why_excluded(hindrance: Hindrance) -> str:
    if hindrance.detail != "transfer":
        return str(gettext("an admin took it away"))
    if hindrance.counterpart:
        return str(gettext("it was transferred to %(receiver)s", receiver=hindrance.counterpart))
    return str(gettext("it was transferred"))


def _no_seat(explanation: Explanation, _: Hindrance) -> Markup:
    queue = explanation.queue
    if queue is None:
        return _say(gettext("No seat is free."))
    place = gettext("Stands in place %(place)s of %(length)s.", place=number(queue.place), length=number(queue.length))
    if not queue.needed:
        return _say("%(place)s %(room)s", place=place, room=gettext("There is room."))
    needed = ngettext(
        "%(num)d seat must be released or bought until it is their turn.",
        "%(num)d seats must be released or bought until it is their turn.",
        queue.needed,
    )
    return _say("%(place)s %(needed)s", place=place, needed=needed)


def _bond(_: Explanation, hindrance: Hindrance) -> Markup:
    sentence = gettext("The rule gives all or nothing: %(products)s must have room as well.")
    return _say(sentence, products=_listed(hindrance.products))


def _disabled(_: Explanation, hindrance: Hindrance) -> Markup:
    priority = hindrance.rule.priority if hindrance.rule else ""
    return _say(gettext("The rule of priority %(priority)s would give it, but is disabled."), priority=priority)


def _nothing(_: Explanation, __: Hindrance) -> Markup:
    return _say(gettext("Nothing gives it: no rule is met that does, no entitlement names it, nobody gave it by hand."))


_HINDRANCES: Mapping[Obstacle, Callable[[Explanation, Hindrance], Markup]] = {
    Obstacle.UNKNOWN: _unknown,
    Obstacle.SUSPENDED: _suspended,
    Obstacle.EXCLUDED: _excluded,
    Obstacle.NO_SEAT: _no_seat,
    Obstacle.BOND: _bond,
    Obstacle.DISABLED: _disabled,
    Obstacle.NOBODY_GIVES: _nothing,
}


def _unmet(_: Explanation, unmet: Unmet) -> Markup:
    lacks = {
        Lack.GROUP: gettext("Would have %(product)s by %(rule)s, but is not in that group."),
        Lack.GROUP_MISSING: gettext("Would have %(product)s by %(rule)s, but there is no such group yet."),
        Lack.CONDITION: gettext("Would have %(product)s by %(rule)s, but does not meet that."),
    }
    return _say(lacks[unmet.lack], product=unmet.product, rule=_rule(unmet.rule))


def _bought(explanation: Explanation) -> Iterator[Markup]:
    """How the subscription stands, where that matters to the person."""
    obstacles = {each.obstacle for each in explanation.hindrances}
    if explanation.outcome not in {Outcome.NONE, Outcome.WAITING} or Obstacle.UNKNOWN in obstacles:
        return
    subscription = explanation.subscription
    if subscription is None or not subscription.seats:
        yield _say(gettext("No seat of it is bought."))
        return
    yield _say(
        gettext("%(seats)s seats bought, %(assigned)s assigned, %(waiting)s waited for."),
        seats=number(subscription.seats),
        assigned=number(subscription.assigned),
        waiting=number(subscription.waiting),
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
