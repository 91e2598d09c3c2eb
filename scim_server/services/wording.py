"""The texts of mails: those that come with the server, and what a tenant writes in their place."""

from dataclasses import dataclass

from scim_server.domain.directory import User
from scim_server.domain.errors import Missing, Taken
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_mail_template
from scim_server.domain.languages import tag
from scim_server.domain.notices import SHIPPED, WELCOME, MailTemplate, mail_template
from scim_server.domain.tenants import Tenant
from scim_server.services import naming
from scim_server.services.configuring import languages_by
from scim_server.services.notice_letters import Stationery, languages_of
from scim_server.services.notice_texts import TEXTS
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.rule_matches import RuleMatches
from scim_server.services.shifts import Belongings, Possessions, Shift


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it is in force, and whether the tenant wrote it."""

    template: MailTemplate
    own: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail as somebody would get it; `recipient` is None for who has no address."""

    user: User
    template: MailTemplate
    recipient: str | None
    subject: str
    body: str


def wordings(units: Units, tenant: Tenant) -> list[Wording]:
    """Every text of the tenant by name and language."""
    with units.read(tenant) as uow:
        return _wordings(uow)


def wording(units: Units, tenant: Tenant, name: str, language: str) -> Wording:
    """The text of that name in that language; raises Missing."""
    with units.read(tenant) as uow:
        return _find(uow, name, tag(language))


@retried
def set_wording(
    units: Units, tenant: Tenant, cause: Cause, name: str, language: str, subject: str, body: str
) -> Wording:
    """Write a text, in place of the one that comes with the server or was written before. Raises Invalid."""
    template = mail_template(name, language, subject, body)
    with units.write(tenant, cause) as uow:
        before = _own(uow).get((template.name, template.language))
        if before != template:
            keep_wording(uow, before, template)
            uow.commit()
        return Wording(template, own=True)


@retried
def reset_wording(units: Units, tenant: Tenant, cause: Cause, name: str, language: str) -> Wording | None:
    """Forget what the tenant wrote; answers the text that comes with the server in its place, if there is one.

    Raises Missing where the tenant wrote none, Taken where rules name it and there is no other of that name.
    """
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        key = name, tag(language)
        own = _own(uow)
        if key not in own:
            raise Missing(f"The tenant has written no mail template '{name}' in '{tag(language)}' that could go.")
        keep_wording(uow, own[key], None)
        uow.commit()
        return Wording(TEXTS[key], own=False) if key in TEXTS else None


def preview(units: Units, tenant: Tenant, user_name: str, *, name: str = WELCOME, language: str | None = None) -> Draft:
    """The mail of that name as a person would get it, as if all they have were new. Nothing is sent.

    Raises Missing for an unknown person or name.
    """
    with units.read(tenant) as uow:
        user = naming.person(uow, user_name)
        possessions = Possessions.of(uow, [user.id])
        stationery = Stationery.of(uow, possessions.catalogue)
        spoken = languages_of(user, languages_by(RuleMatches.of(uow, [user.id])).get(user.id))
        template = stationery.template(name, spoken if language is None else [tag(language), *spoken])
        if template is None:
            raise unknown_name(uow, name)
        shift = Shift(user.id, Belongings(), possessions.belongings(user.id), None)
        return Draft(user, template, user.address, *stationery.letter(template, user, shift))


def names(uow: UnitOfWork) -> list[str]:
    """The names that texts of the tenant have."""
    return list(dict.fromkeys((*SHIPPED, *(each.name for each in uow.mail_templates.all()))))


def unknown_name(uow: UnitOfWork, name: str) -> Missing:
    """The refusal of what names no text."""
    return Missing(f"There is no mail template '{name}'. Known ones: {', '.join(names(uow))}")


def _own(uow: UnitOfWork) -> dict[tuple[str, str], MailTemplate]:
    return {(each.name, each.language): each for each in uow.mail_templates.all()}


def _wordings(uow: UnitOfWork) -> list[Wording]:
    own = _own(uow)
    return [Wording(template, own=key in own) for key, template in sorted({**TEXTS, **own}.items())]


def _find(uow: UnitOfWork, name: str, language: str) -> Wording:
    every = _wordings(uow)
    found = next((each for each in every if (each.template.name, each.template.language) == (name, language)), None)
    if found is None:
        spoken = ", ".join(each.template.language for each in every if each.template.name == name)
        if not spoken:
            raise unknown_name(uow, name)
        raise Missing(f"There is no mail template '{name}' in '{language}'. It is there in: {spoken}")
    return found


def keep_wording(uow: UnitOfWork, before: MailTemplate | None, after: MailTemplate | None) -> None:
    """Put a text of the tenant's in the place of another, None for none, and record it.

    Raises Taken where rules name it and there would be none of that name any more.
    """
    template = after or before
    if template is None or before == after:
        return
    if after is None:
        _refuse_where_needed(uow, template.name)
        uow.mail_templates.remove(template.name, template.language)
    else:
        uow.mail_templates.put(after)
    action = "mail_template.deleted" if after is None else f"mail_template.{'changed' if before else 'created'}"
    sides = [None if each is None else of_mail_template(each) for each in (before, after)]
    uow.record(Change("mail_template", f"{template.name}/{template.language}", action, *sides))


def _refuse_where_needed(uow: UnitOfWork, name: str) -> None:
    users = [rule for rule in uow.rules.all() if rule.mail == name]
    if users and name not in SHIPPED and sum(each.name == name for each in uow.mail_templates.all()) == 1:
        named = "; ".join(f"{rule.id} ({rule.audience})" for rule in users)
        raise Taken(f"The mail template '{name}' is in use. Take it out of these rules first: {named}")
