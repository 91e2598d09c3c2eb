"""Welcoming people by mail once more, or for the first time, at an admin's word."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from scim_server.domain.directory import User
from scim_server.domain.errors import Invalid
from scim_server.domain.events import Cause, Change
from scim_server.domain.notices import CHANGE, QUIET, WELCOME, Welcome
from scim_server.domain.tenants import Tenant
from scim_server.services import provisioning
from scim_server.services.configuring import languages_by
from scim_server.services.notice_letters import Stationery, languages_of
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.rule_matches import RuleMatches
from scim_server.services.shifts import Belongings, Possessions, Shift

NO_SERVER = (
    "No mail server is set, so nobody can be sent anything: start the server and this command with SCIM_SMTP_URL."
)


@dataclass(frozen=True, slots=True)
class Welcomed:
    """Who was sent a welcome, with how often that makes it; and who has no address to send one to."""

    people: Sequence[tuple[User, Welcome]]
    without_address: Sequence[User]


@retried
def welcome_person(units: Units, tenant: Tenant, cause: Cause, user_name: str, *, by_mail: bool) -> Welcomed:
    """Send a person the welcome again, or for the first time. `by_mail` says whether there is a mail server.

    Raises Missing; Invalid for who is suspended, has no product and no role, or no address, and without a mail server.
    """
    _refuse_without(by_mail=by_mail)
    with units.write(tenant, cause) as uow:
        user = provisioning.lock_named(uow, user_name)
        if not user.may_hold:
            raise Invalid(f"'{user.user_name}' is suspended: reactivate the person first.")
        possessions = Possessions.of(uow, [user.id])
        if not possessions.belongings(user.id):
            raise Invalid(f"'{user.user_name}' has no product and no role to be welcomed to: give one first.")
        welcomed = _send(uow, [user], possessions)
        if welcomed.without_address:
            raise Invalid(f"'{user.user_name}' has no e-mail address: give one with `user edit --email` first.")
        uow.commit()
        return welcomed


@retried
def welcome_never_seen(units: Units, tenant: Tenant, cause: Cause, *, by_mail: bool) -> Welcomed:
    """Send the welcome to everybody who has a product or a role and was never seen by the application.

    A fixed number of statements, however many people. Raises Invalid without a mail server.
    """
    _refuse_without(by_mail=by_mail)
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        users, possessions = _never_seen(uow)
        welcomed = _send(uow, users, possessions)
        uow.commit()
        return welcomed


def never_seen(units: Units, tenant: Tenant) -> list[User]:
    """Whom `welcome_never_seen` would welcome, oldest first."""
    with units.read(tenant) as uow:
        return _never_seen(uow)[0]


def _refuse_without(*, by_mail: bool) -> None:
    if not by_mail:
        raise Invalid(NO_SERVER)


def _never_seen(uow: UnitOfWork) -> tuple[list[User], Possessions]:
    everybody = [user for user in uow.users.all() if user.may_hold]
    ids = [user.id for user in everybody]
    possessions, seen = Possessions.of(uow, ids), uow.sightings.of(ids)
    return [user for user in everybody if user.id not in seen and possessions.belongings(user.id)], possessions


def _send(uow: UnitOfWork, users: Sequence[User], possessions: Possessions) -> Welcomed:
    ids = [user.id for user in users]
    matches = RuleMatches.of(uow, ids)
    languages, stationery = languages_by(matches), Stationery.of(uow, possessions.catalogue)
    earlier, by_source = uow.welcomes.of(ids), {rule.source: rule for rule in matches.rules.values()}
    mails, people = [], []
    for user in users:
        rule = by_source.get(possessions.source(user.id, by_source) or "")
        name = WELCOME if rule is None or rule.mail in (None, QUIET, CHANGE) else rule.mail
        template = stationery.template(name, languages_of(user, languages.get(user.id)))
        shift = Shift(user.id, Belongings(), possessions.belongings(user.id), None)
        mail = template and stationery.mail(uow, template, user, shift)
        if mail:
            mails.append(mail)
            people.append((user, _once_more(earlier.get(user.id), uow.now)))
    uow.mails.post(*mails)
    uow.welcomes.note([user.id for user, _ in people], uow.now)
    _record(uow, people, earlier)
    reached = {user.id for user, _ in people}
    return Welcomed(people, [user for user in users if user.id not in reached])


def _once_more(earlier: Welcome | None, now: str) -> Welcome:
    return Welcome(1, now, now) if earlier is None else Welcome(earlier.sent + 1, earlier.first, now)


def _record(uow: UnitOfWork, people: Collection[tuple[User, Welcome]], earlier: Mapping[str, Welcome]) -> None:
    for user, welcome in people:
        before = earlier.get(user.id)
        then = None if before is None else {"user": user.id, "sent": before.sent}
        uow.record(Change("welcome", user.id, "welcome.sent", then, {"user": user.id, "sent": welcome.sent}))
