"""Who did something, in the language of the page: the audit trail names actors by kind and id."""

from flask_babel import gettext

from scim_server.services.actors import CLIENT, CONNECTION, OPERATOR, PERSON, TOKEN, kind_of


def doer(actor: str, name: str | None) -> str:
    """The actor in words; `name` is what a connection, token, client or person is called that is still there."""
    kind = kind_of(actor)
    if name is not None:
        return _named(kind, name)
    words = {
        CONNECTION: gettext("a connection that is gone"),
        PERSON: gettext("a person who is gone"),
        TOKEN: gettext("a token of the admin API that is gone"),
        CLIENT: gettext("an OAuth client that is gone"),
        OPERATOR: gettext("the operator"),
        "cli": gettext("the command line"),
        "system": gettext("the server itself"),
        "invited": gettext("whoever was invited"),
    }
    return str(words.get(kind, actor))


def _named(kind: str, name: str) -> str:
    if kind == CONNECTION:
        return str(gettext("connection %(name)s", name=name))
    if kind == TOKEN:
        return str(gettext("the API token %(name)s", name=name))
    return str(gettext("the OAuth client %(name)s", name=name)) if kind == CLIENT else name
