"""`scim-server issuer`: foreign issuers whose tokens stand for connections."""

import click

from scim_server.api.items.issuers import IssuerItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import confirm, facts_table, json_option, listing, print_json, report, yes_option
from scim_server.domain.tenants import SCIM_SCOPES
from scim_server.services import tenancy, trusting
from scim_server.services.trusting import Terms

COLUMNS = {
    "Name": "name",
    "Connection": "connection",
    "Client": "client",
    "Issuer": "issuer",
    "Audience": "audience",
    "Subject": "subject",
}


@click.group("issuer")
def issuers() -> None:
    """Trusted issuers: whose tokens stand for a connection, without any secret kept here."""


@issuers.command("add")
@click.argument("tenant")
@click.argument("connection")
@click.option("--name", help="What people call it; without one `entra`, or the issuer's address.")
@click.option("--entra", metavar="DIRECTORY", help="A directory of Microsoft Entra's, by its id: its provisioning "
              "sends its own tokens where the secret token is left empty.")  # fmt: skip
@click.option("--federated", metavar="CLIENT", help="Its tokens are this client's assertions at the token endpoint. "
              "With --entra they are for --application and of --subject.")  # fmt: skip
@click.option("--application", metavar="APPID", help="The id of the application that Entra asks tokens for.")
@click.option("--issuer", metavar="URL", help="Any other issuer, just as its tokens have it in `iss`.")
@click.option("--audience", help="What `aud` must have in it.")
@click.option("--subject", help="What `sub` must be.")
@click.option("--claim", "claims", metavar="NAME=VALUE", multiple=True, help="What else must be in a token; "
              "repeatable.")  # fmt: skip
@click.option("--jwks-uri", metavar="URL", help="Where its keys are, if its metadata do not say.")
@click.option("--scope", "scopes", type=click.Choice(sorted(SCIM_SCOPES)), multiple=True, help="What its tokens are "
              "good for; repeatable. Without any: for all.")  # fmt: skip
@json_option
def add(
    tenant: str,
    connection: str,
    name: str | None,
    entra: str | None,
    federated: str | None,
    application: str | None,
    issuer: str | None,
    audience: str | None,
    subject: str | None,
    claims: tuple[str, ...],
    jwks_uri: str | None,
    scopes: tuple[str, ...],
    as_json: bool,
) -> None:
    """Trust an issuer: its tokens stand for CONNECTION of TENANT from now on.

    Say whose tokens are taken: a subject, or a claim that only those have.
    """
    if (entra is None) == (issuer is None):
        raise _misuse("Say which issuer: --entra DIRECTORY, or --issuer URL.")
    if entra is not None:
        terms = _of_entra(entra, federated, application, subject, plain=not (audience or claims or jwks_uri or scopes))
    else:
        terms = _of_any(str(issuer), audience, subject, claims, jwks_uri, scopes)
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    called = name or ("entra" if entra else terms.issuer.partition("://")[2].rstrip("/").replace("/", " "))
    new = trusting.trust_issuer(units, owner, cause(), connection, called, terms, federated)
    report(
        dump(IssuerItem, new),
        f"Tokens of {terms.issuer} for {terms.audience} stand for connection '{tenant}/{new.connection}'.",
        as_json=as_json,
    )


def _of_entra(
    directory: str, client: str | None, application: str | None, subject: str | None, *, plain: bool
) -> Terms:
    if not plain:
        raise _misuse("With --entra the issuer, audience and claims are known: leave them out.")
    if client is application is subject is None:
        return trusting.entra_terms(directory)
    if client is None or application is None or subject is None:
        raise _misuse("Federation takes all of --federated, --application and --subject.")
    return trusting.entra_federation_terms(directory, application, subject)


def _of_any(
    issuer: str,
    audience: str | None,
    subject: str | None,
    claims: tuple[str, ...],
    jwks_uri: str | None,
    scopes: tuple[str, ...],
) -> Terms:
    if audience is None:
        raise _misuse("Say what its tokens are for: --audience.")
    pairs = [claim.partition("=") for claim in claims]
    if not all(equals for _, equals, _ in pairs):
        raise _misuse("Write a claim as NAME=VALUE.")
    expected = {name: value for name, _, value in pairs}
    return Terms(issuer, audience, subject, expected, jwks_uri, frozenset(scopes) or SCIM_SCOPES)


@issuers.command("list")
@click.argument("tenant")
@click.argument("connection", required=False)
@json_option
def list_(tenant: str, connection: str | None, as_json: bool) -> None:
    """The issuers that connections of TENANT trust, or CONNECTION alone, by name."""
    units = migrated().units
    found = trusting.issuers(units, tenancy.tenant(units, tenant), connection)
    listing(dump_all(IssuerItem, found), COLUMNS, "No issuer is trusted yet.", as_json=as_json)


@issuers.command("show")
@click.argument("tenant")
@click.argument("issuer")
@json_option
def show(tenant: str, issuer: str, as_json: bool) -> None:
    """One trusted issuer of TENANT, by its name or id."""
    units = migrated().units
    item = dump(IssuerItem, trusting.issuer(units, tenancy.tenant(units, tenant), issuer))
    if as_json:
        print_json(item)
    else:
        facts_table({**item, "claims": [f"{name}={value}" for name, value in item["claims"].items()]})


@issuers.command("remove")
@click.argument("tenant")
@click.argument("issuer")
@yes_option
@json_option
def remove(tenant: str, issuer: str, yes: bool, as_json: bool) -> None:
    """Take no token of ISSUER, by its name or id, for TENANT any more."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    confirm(
        f"Whoever comes with a token of '{issuer}' will be refused from now on. Remove it?", yes=yes, as_json=as_json
    )
    gone = trusting.distrust_issuer(units, owner, cause(), issuer)
    report({"id": gone.id, "name": gone.name}, f"Tokens of '{gone.name}' are taken no more.", as_json=as_json)


def _misuse(sentence: str) -> click.UsageError:
    return click.UsageError(sentence, click.get_current_context())
