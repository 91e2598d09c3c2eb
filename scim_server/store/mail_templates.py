"""The texts of mails that tenants wrote themselves."""

from dataclasses import asdict, dataclass

from sqlalchemy import bindparam, delete, select

from scim_server.domain.notices import MailTemplate
from scim_server.store.scopes import Scope
from scim_server.store.tables import mail_templates

_COLUMNS = (
    mail_templates.c.name,
    mail_templates.c.language,
    mail_templates.c.subject,
    mail_templates.c.body,
)
_ALL = (
    select(*_COLUMNS)
    .where(mail_templates.c.tenant_id == bindparam("tenant"))
    .order_by(mail_templates.c.name, mail_templates.c.language)
)
_REMOVE = delete(mail_templates).where(
    mail_templates.c.tenant_id == bindparam("tenant"),
    mail_templates.c.name == bindparam("of_name"),
    mail_templates.c.language == bindparam("of_language"),
)


@dataclass(frozen=True, slots=True)
class MailTemplates:
    """The texts of one tenant."""

    scope: Scope

    def all(self) -> list[MailTemplate]:
        return [MailTemplate(**row) for row in self.scope.rows(_ALL)]

    def put(self, template: MailTemplate) -> None:
        self.remove(template.name, template.language)
        self.scope.insert(mail_templates, asdict(template))

    def remove(self, name: str, language: str) -> None:
        self.scope.run(_REMOVE, of_name=name, of_language=language)
