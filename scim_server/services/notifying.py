"""Telling people by mail what a change has given them, or taken: one mail per person and transaction at most.

Called at the end of every transaction that changed anything, whoever opened it, so that no path is left out: SCIM,
bulks, imports, the admin API, the command line, chores. In a tenant that sends no notices it costs nothing; in one that
does, a fixed number of statements, however many people.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scim_server.domain.directory import User
from scim_server.domain.mails import Mail
from scim_server.domain.notices import CHANGE, QUIET, WELCOME
from scim_server.domain.rules import Rule
from scim_server.domain.settings import TenantSettings
from scim_server.services.configuring import languages_by
from scim_server.services.notice_letters import Stationery, languages_of
from scim_server.services.ports import UnitOfWork
from scim_server.services.rule_matches import RuleMatches
from scim_server.services.shifts import Moves, Possessions, Shift


def post_notices(uow: UnitOfWork) -> None:
    """Put the notices of this transaction in the outbox, which is to be committed next.

    Who is suspended or gone is told nothing, and what was not sent to them yet is taken back.
    """
    if uow.cause.quiet:
        return
    moves = Moves.of(uow.changes.values(), uow.events)
    rules = uow.rules.known() if moves.by_rule else ()
    if not moves.people or _is_quiet(uow.tenant.settings, rules):
        return
    users = {user.id: user for user in uow.users.some(moves.people) if user.may_hold}
    uow.mails.recall(*sorted(moves.people - users.keys()))
    if users:
        _post(uow, users, moves)


def _is_quiet(settings: TenantSettings, rules: Collection[Rule]) -> bool:
    """Whether nobody can be told anything, neither by the tenant nor by a rule."""
    return not (
        settings.on("welcome_mails")
        or settings.on("change_mails")
        or any(rule.mail not in (None, QUIET) for rule in rules)
    )


def _post(uow: UnitOfWork, users: Mapping[str, User], moves: Moves) -> None:
    possessions = Possessions.of(uow, users.keys())
    known = uow.welcomes.of(users.keys()).keys() | uow.sightings.of(users.keys()).keys()
    stationery = Stationery.of(uow, possessions.catalogue)
    matches = RuleMatches.of(uow, users.keys())
    languages, rules = languages_by(matches), {rule.source: rule for rule in matches.rules.values()}
    mails: list[Mail] = []
    welcomed: list[str] = []
    for user_id in sorted(users):
        shift = possessions.shift(user_id, moves, rules)
        choice = _choice(shift, rules, uow.tenant.settings, is_new=user_id not in known - moves.newcomers)
        if choice is None:
            continue
        template = stationery.template(choice.name, languages_of(users[user_id], languages.get(user_id)))
        mail = template and stationery.mail(uow, template, users[user_id], shift)
        if mail:
            mails.append(mail)
            welcomed += [user_id] if choice.welcomes else []
    uow.mails.post(*mails)
    uow.welcomes.note(welcomed, uow.now)


@dataclass(frozen=True, slots=True)
class _Choice:
    """The name of the text that somebody is sent, and whether it welcomes them."""

    name: str
    welcomes: bool


def _choice(shift: Shift, rules: Mapping[str, Rule], settings: TenantSettings, *, is_new: bool) -> _Choice | None:
    """What somebody is told of a shift; None for nothing.

    The rule behind the best claim says whether and how they are told of what is new, the tenant where it is silent. Of
    what has ended the tenant decides, unless that rule is quiet.
    """
    if shift.before == shift.after:
        return None
    rule = rules.get(shift.source or "")
    mail = None if rule is None else rule.mail
    begins = is_new and not shift.before
    name = WELCOME if begins else CHANGE
    if mail == QUIET:
        return None
    if shift.gained and mail is not None:
        return _Choice(name if mail == WELCOME else mail, begins)
    return _Choice(name, begins) if settings.on(f"{name}_mails") else None
