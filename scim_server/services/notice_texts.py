"""The words of notices that come with the server, by language; a tenant writes others in their place."""

from collections.abc import Mapping
from dataclasses import dataclass

from scim_server.domain.notices import CHANGE, WELCOME, MailTemplate


@dataclass(frozen=True, slots=True)
class Labels:
    """What stands before the lists of a mail, in one language."""

    products: str
    roles: str
    gained_products: str
    lost_products: str
    gained_roles: str
    lost_roles: str
    link: str


LABELS: Mapping[str, Labels] = {
    "en": Labels(
        "Your products:",
        "Your roles:",
        "New products:",
        "Products that have ended:",
        "New roles:",
        "Roles that have ended:",
        "Start here:",
    ),
    "fr": Labels(
        "Vos produits :",
        "Vos rôles :",
        "Nouveaux produits :",
        "Produits retirés :",
        "Nouveaux rôles :",
        "Rôles retirés :",
        "Pour commencer :",
    ),
    "de": Labels(
        "Ihre Produkte:",
        "Ihre Rollen:",
        "Neue Produkte:",
        "Beendete Produkte:",
        "Neue Rollen:",
        "Beendete Rollen:",
        "Hier geht es los:",
    ),
    "es": Labels(
        "Sus productos:",
        "Sus roles:",
        "Productos nuevos:",
        "Productos retirados:",
        "Roles nuevos:",
        "Roles retirados:",
        "Empiece aquí:",
    ),
    "pt": Labels(
        "Seus produtos:",
        "Suas funções:",
        "Novos produtos:",
        "Produtos retirados:",
        "Novas funções:",
        "Funções retiradas:",
        "Comece aqui:",
    ),
}
"""Every language that the server speaks."""

_WELCOMES = {
    "en": (
        "{tenant}: your access is ready",
        """\
Hello {first_name},

{tenant} has set up your access.

{access}

{link}

Your user name is {user_name}.

This mail was sent automatically. If you have questions, please ask your administrator at {tenant}.
""",
    ),
    "fr": (
        "{tenant} : votre accès est prêt",
        """\
Bonjour {first_name},

{tenant} a préparé votre accès.

{access}

{link}

Votre nom d'utilisateur est {user_name}.

Ce message a été envoyé automatiquement. Pour toute question, adressez-vous à votre administrateur chez {tenant}.
""",
    ),
    "de": (
        "{tenant}: Ihr Zugang ist bereit",
        """\
Guten Tag {first_name},

{tenant} hat Ihren Zugang eingerichtet.

{access}

{link}

Ihr Benutzername ist {user_name}.

Diese Nachricht wurde automatisch versandt. Bei Fragen wenden Sie sich bitte an die Administration von {tenant}.
""",
    ),
    "es": (
        "{tenant}: su acceso está listo",
        """\
Hola, {first_name}:

{tenant} ha preparado su acceso.

{access}

{link}

Su nombre de usuario es {user_name}.

Este mensaje se ha enviado automáticamente. Si tiene preguntas, diríjase a su administrador en {tenant}.
""",
    ),
    "pt": (
        "{tenant}: seu acesso está pronto",
        """\
Olá, {first_name},

{tenant} preparou o seu acesso.

{access}

{link}

Seu nome de usuário é {user_name}.

Esta mensagem foi enviada automaticamente. Em caso de dúvidas, fale com o administrador de {tenant}.
""",
    ),
}

_CHANGES = {
    "en": (
        "{tenant}: your access has changed",
        """\
Hello {first_name},

your access at {tenant} has changed.

{changes}

{link}

This mail was sent automatically. If you have questions, please ask your administrator at {tenant}.
""",
    ),
    "fr": (
        "{tenant} : votre accès a changé",
        """\
Bonjour {first_name},

Votre accès chez {tenant} a changé.

{changes}

{link}

Ce message a été envoyé automatiquement. Pour toute question, adressez-vous à votre administrateur chez {tenant}.
""",
    ),
    "de": (
        "{tenant}: Ihr Zugang hat sich geändert",
        """\
Guten Tag {first_name},

Ihr Zugang bei {tenant} hat sich geändert.

{changes}

{link}

Diese Nachricht wurde automatisch versandt. Bei Fragen wenden Sie sich bitte an die Administration von {tenant}.
""",
    ),
    "es": (
        "{tenant}: su acceso ha cambiado",
        """\
Hola, {first_name}:

Su acceso en {tenant} ha cambiado.

{changes}

{link}

Este mensaje se ha enviado automáticamente. Si tiene preguntas, diríjase a su administrador en {tenant}.
""",
    ),
    "pt": (
        "{tenant}: seu acesso mudou",
        """\
Olá, {first_name},

O seu acesso em {tenant} mudou.

{changes}

{link}

Esta mensagem foi enviada automaticamente. Em caso de dúvidas, fale com o administrador de {tenant}.
""",
    ),
}

TEXTS: Mapping[tuple[str, str], MailTemplate] = {
    (name, language): MailTemplate(name, language, *text)
    for name, texts in ((WELCOME, _WELCOMES), (CHANGE, _CHANGES))
    for language, text in texts.items()
}
"""By name and language; each is there in every language that has labels."""
