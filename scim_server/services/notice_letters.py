"""Writing notices: which text suits whom, and what is filled in."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from scim_server.domain.access import Roles
from scim_server.domain.directory import User
from scim_server.domain.languages import read_by, tag, widening
from scim_server.domain.mails import Mail
from scim_server.domain.notices import MailTemplate, one_line, rendered
from scim_server.domain.products import Catalogue
from scim_server.domain.tenants import Tenant
from scim_server.services.notice_texts import LABELS, TEXTS
from scim_server.services.ports import UnitOfWork
from scim_server.services.shifts import Belongings, Shift

FALLBACK = "en"
NONE = "–"
"""Stands for an empty list."""


@dataclass(frozen=True)
class Stationery:
    """All that the letters of one tenant have in common. `written` are the tenant's own texts."""

    tenant: Tenant
    catalogue: Catalogue
    roles: Roles
    written: Mapping[tuple[str, str], MailTemplate] = field(default_factory=dict)

    @classmethod
    def of(cls, uow: UnitOfWork, catalogue: Catalogue) -> Self:
        """Read with a fixed number of statements."""
        written = {(each.name, each.language): each for each in uow.mail_templates.all()}
        return cls(uow.tenant, catalogue, uow.roles.all(), written)

    def template(self, name: str, languages: Iterable[str]) -> MailTemplate | None:
        """The text of that name in the first language there is one in; the tenant's own before what comes with the
        server. None where there is no text of that name at all."""
        wanted = [*widening(languages), *widening([tag(self.tenant.settings.text("mail_language"))]), FALLBACK]
        texts = self._texts.get(name, {})
        return next((texts[each] for each in (*wanted, *texts) if each in texts), None)

    def letter(self, template: MailTemplate, user: User, shift: Shift) -> tuple[str, str]:
        """Subject and body for that person."""
        return rendered(template, self._values(template.language, user, shift))

    def mail(self, uow: UnitOfWork, template: MailTemplate, user: User, shift: Shift) -> Mail | None:
        """The letter in an envelope; None for who has no address."""
        if user.address is None:
            return None
        subject, body = self.letter(template, user, shift)
        return Mail(self.tenant.id, uow.new_id(), user.address, subject, body, user.id, uow.now, 0, uow.now)

    @cached_property
    def _texts(self) -> Mapping[str, Mapping[str, MailTemplate]]:
        """By name and language, both in order."""
        texts: dict[str, dict[str, MailTemplate]] = {}
        for (name, language), template in sorted({**TEXTS, **self.written}.items()):
            texts.setdefault(name, {})[language] = template
        return texts

    def _values(self, language: str, user: User, shift: Shift) -> dict[str, str]:
        labels, url = LABELS[spoken([language], LABELS)], self.tenant.settings.address("app_url")
        has, new, ended = self._names(shift.after), self._names(shift.gained), self._names(shift.lost)
        name = user.display_name or user.user_name
        given = (user.profile.get("name") or {}).get("givenName")
        return {
            "first_name": one_line(str(given or name)),
            "name": one_line(name),
            "user_name": one_line(user.user_name),
            "address": one_line(user.address or ""),
            "tenant": one_line(self.tenant.name),
            "products": _listed(has[0]),
            "roles": _listed(has[1]),
            "gained": _listed([*new[0], *new[1]]),
            "lost": _listed([*ended[0], *ended[1]]),
            "access": _lines((labels.products, has[0]), (labels.roles, has[1])),
            "changes": _lines(
                (labels.gained_products, new[0]),
                (labels.gained_roles, new[1]),
                (labels.lost_products, ended[0]),
                (labels.lost_roles, ended[1]),
            ),
            "app_url": url or "",
            "link": f"{labels.link} {url}" if url else "",
        }

    def _names(self, belongings: Belongings) -> tuple[list[str], list[str]]:
        products = sorted(self.catalogue.names(belongings.products))
        roles = sorted(self.roles.by_code[code].name for code in belongings.roles if code in self.roles.by_code)
        return list(map(one_line, products)), list(map(one_line, roles))


def spoken(languages: Iterable[str], known: Container[str]) -> str:
    """The first of the languages, or of what they widen to, that is known."""
    return next((each for each in widening(languages) if each in known), FALLBACK)


def languages_of(user: User, by_rule: str | None) -> list[str]:
    """The languages of somebody, the best first: what a rule says, then what the document does."""
    chosen = [] if by_rule is None else [tag(by_rule)]
    return [*chosen, *read_by(user.profile.get("preferredLanguage")), *read_by(user.profile.get("locale"))]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or NONE


def _lines(*parts: tuple[str, list[str]]) -> str:
    return "\n".join(f"{label} {', '.join(names)}" for label, names in parts if names)
