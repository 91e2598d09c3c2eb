"""The command line and the admin API give the same JSON of the same things: a case is a command and its address."""

from typing import Any

import pytest

from scim_server.domain.access import PERMISSIONS
from scim_server.domain.tenants import Tenant
from scim_server.services import (
    api_tokens,
    authorising,
    client_secrets,
    connecting,
    consenting,
    person_tokens,
    registering,
    signing,
    templating,
    trusting,
    verifying,
)
from scim_server.services.consenting import Approver, Wish
from scim_server.services.signing import Rotation
from tests.api.callers import DAY, Caller
from tests.cli.commands import CommandLine
from tests.worlds import CAUSE, World

LISTS = {
    "tenant list": "/tenants",
    "domain list acme": "~/domains",
    "connection list acme": "~/connections",
    "issuer list acme": "~/issuers",
    "token list acme": "~/tokens",
    "token list acme/okta": "~/connections/okta/tokens",
    "token list acme --user ana": "~/users/ana/tokens",
    "token list --operator": "/operator/tokens",
    "oauth client list acme": "~/oauth-clients",
    "oauth secret list acme idp": "~/oauth-clients/idp/secrets",
    "oauth grant list acme idp": "~/oauth-clients/idp/grants",
    "oauth keys list": "/operator/signing-keys",
    "credential list acme": "~/credentials",
    "product list": "/products",
    "subscription list acme": "~/subscriptions",
    "template list acme": "~/templates",
    "role list acme": "~/roles",
    "role permissions": "/permissions",
    "role grants acme": "~/grants",
    "role grants acme --role auditor": "~/grants?role=auditor",
    "role grants acme --user ana": "~/grants?user=ana",
    "chores list": "/chores",
    "cell list": "/cells",
}
OBJECTS = {
    "tenant show acme": "~",
    "tenant terms": "/terms",
    "domain show acme acme.test": "~/domains/acme.test",
    "connection show acme okta": "~/connections/okta",
    "issuer show acme entra": "~/issuers/entra",
    "oauth client show acme idp": "~/oauth-clients/idp",
    "product show webinar": "/products/webinar",
    "subscription show acme meeting": "~/subscriptions/meeting",
    "template show acme webinar std": "~/templates/webinar/std",
    "role show acme auditor": "~/roles/auditor",
}


@pytest.fixture
def full(world: World, acme: Tenant, operator: Caller, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The operator, who looks at a tenant in which there is some of everything."""
    monkeypatch.setenv("SCIM_PUBLIC_URL", world.installation.settings.public_url)
    okta = world.connect(acme)
    world.tenant("other")
    ana = okta.create_user("ana", entitlements=["meeting"], roles=[{"value": "admin"}])["id"]
    okta.create_group("Sales", ana)
    for name in ("acme.test", "acme.example"):
        verifying.add_domain(world.units, acme, CAUSE, name)
    world.buy(acme, "meeting", 3)
    world.decide("acme", retention_days="60")
    world.switch("acme", "patch.group_answer", "200")
    connecting.edit_connection(world.units, acme, CAUSE, "okta", idp="okta")
    entra = trusting.entra_terms("12345678-1234-1234-1234-123456789012")
    trusting.trust_issuer(world.units, acme, CAUSE, "okta", "entra", entra)
    templating.set_template(world.units, acme, CAUSE, "webinar", "std", {"recording": "off", "chat": ""})
    authorising.create_role(world.units, acme, CAUSE, "auditor", "Auditor", "Looks.", ["audit.read"])
    authorising.grant_role(world.units, acme, CAUSE, "ana", "auditor", ["Sales"])
    api_tokens.issue_token(world.units, acme, CAUSE, "billing", ["people.read", *PERMISSIONS], DAY)
    person_tokens.issue_token(world.units, acme, CAUSE, "ana", DAY)
    idp = registering.register_client(
        world.units, acme, CAUSE, "idp", connection="okta", scopes=["scim", "people.read"]
    ).client
    registering.register_client(world.units, acme, CAUSE, "billing", scopes=["reports.read"])
    wish = Wish(acme, idp, idp.scim_scopes, "https://seats.example.com/scim/acme/v2", "https://idp.test/", "x" * 43)
    for _ in range(2):
        consenting.consent(world.units, Approver("cli", None), "", wish)
        client_secrets.issue_secret(world.units, acme, CAUSE, "idp", DAY)
        signing.rotate(world.units, Rotation.PLANNED)
    return Caller(operator.http, operator.token, acme.slug)


def test_lists(cli: CommandLine, full: Caller) -> None:
    printed = {command: cli.json(*command.split()) for command in LISTS}
    assert printed == {command: _pages(full, address) for command, address in LISTS.items()}
    assert [command for command, items in printed.items() if not items] == []


def test_objects(cli: CommandLine, full: Caller) -> None:
    printed = {command: cli.json(*command.split()) for command in OBJECTS}
    assert printed == {command: full.done("GET", address) for command, address in OBJECTS.items()}


def _pages(caller: Caller, address: str) -> list[dict[str, Any]]:
    """The whole list, an item a page where it comes in pages."""
    small = f"{address}{'&' if '?' in address else '?'}limit=1"
    return caller.items(small if caller.get(small).status_code == 200 else address)
