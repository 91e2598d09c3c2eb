"""How each identity provider is connected: what goes into which box of its admin pages.

Screens, boxes and choices are called what the identity provider calls them, in English, whatever language is spoken
around them. The long form, with sources, is docs/clients/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from scim_server.domain.oauth_clients import TOKEN_SECONDS, ClientMethod

BASE, TOKEN = "{base}", "{token}"
TOKEN_ENDPOINT, AUTHORIZATION_ENDPOINT = "{token_endpoint}", "{authorization_endpoint}"
CLIENT_ID, SECRET = "{client_id}", "{secret}"
NOTHING = "{nothing}"
TEXTS = frozenset({BASE, TOKEN, TOKEN_ENDPOINT, AUTHORIZATION_ENDPOINT, CLIENT_ID, SECRET, NOTHING})
"""What stands for something that a tenant has, and for a box that stays empty."""


class Way(StrEnum):
    """How an identity provider proves itself."""

    TOKEN = "token"  # noqa: S105 a word
    """By a token that is pasted into it and lives for a year or so."""
    CLIENT = "client"
    """As a client of the authorization server, from which it gets tokens that live for an hour or so."""
    ISSUER = "issuer"
    """By tokens that it signs itself."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box and what it holds: one of TEXTS, or a choice as the identity provider words it."""

    name: str
    holds: str
    pasted: bool = False
    """Whether it holds what stood for one of them."""


@dataclass(frozen=True, slots=True)
class Guide:
    """How one identity provider is connected. `screen` is where its boxes are; `ways` are those it knows, the one to
    be preferred first, each with its boxes; `then` are screens to go on to, with what is to be done there.

    `method` and `token_seconds` are of its client, which is `sent_back` where a person consents first. `confirmed`
    says that its own documentation calls the boxes so. `page` is the one of docs/clients.
    """

    title: str
    screen: str
    ways: Mapping[Way, Sequence[Box]]
    then: Sequence[Box] = ()
    page: str | None = None
    method: ClientMethod = ClientMethod.BASIC
    token_seconds: int = TOKEN_SECONDS
    sent_back: bool = False
    confirmed: bool = True

    def boxes(self, way: Way, known: Mapping[str, str] = MappingProxyType({})) -> list[Box]:
        """The boxes of a way, with what is known in place of TEXTS; what is not stays as it is."""
        return [Box(box.name, known.get(box.holds, box.holds), box.holds in known) for box in self.ways[way]]


_OKTA = (
    Box("SCIM connector base URL", BASE),
    Box("Unique identifier field for users", "userName"),
    Box("Supported provisioning actions", "Push New Users, Push Profile Updates, Push Groups"),
)
_CREDENTIALS = (Box("Client ID", CLIENT_ID), Box("Client Secret", SECRET))

GUIDES: Mapping[str, Guide] = {
    "okta": Guide(
        "Okta",
        "Applications › SCIM application › Provisioning › Integration",
        {
            Way.TOKEN: (*_OKTA, Box("Authentication Mode", "HTTP Header"), Box("Authorization: Bearer", TOKEN)),
            Way.CLIENT: (
                *_OKTA,
                Box("Authentication Mode", "OAuth 2"),
                Box("Access token endpoint URI", TOKEN_ENDPOINT),
                Box("Authorization endpoint URI", AUTHORIZATION_ENDPOINT),
                *_CREDENTIALS,
            ),
        },
        (
            Box("Test Connector Configuration", "Save"),
            Box("Provisioning › To App", "Create Users, Update User Attributes, Deactivate Users"),
            Box("Assignments", "Assign to People, Assign to Groups"),
            Box("Push Groups", "Find groups by name"),
        ),
        "okta",
        ClientMethod.POST,
        sent_back=True,
    ),
    "entra": Guide(
        "Microsoft Entra ID",
        "Enterprise applications › Create your own application › Provisioning › Automatic",
        {
            Way.TOKEN: (Box("Tenant URL", BASE), Box("Secret Token", TOKEN)),
            Way.CLIENT: (
                Box("Tenant URL", BASE),
                Box("Token endpoint", TOKEN_ENDPOINT),
                Box("Client identifier", CLIENT_ID),
                Box("Client secret", SECRET),
            ),
            Way.ISSUER: (Box("Tenant URL", BASE), Box("Secret Token", NOTHING)),
        },
        (
            Box("Test Connection", "Save"),
            Box("Users and groups", "Add user/group"),
            Box("Provisioning Status", "On"),
        ),
        "entra",
        ClientMethod.POST,
        7200,
    ),
    "onelogin": Guide(
        "OneLogin",
        "Applications › SCIM Provisioner › Configuration",
        {Way.TOKEN: (Box("SCIM Base URL", BASE), Box("SCIM Bearer Token", TOKEN))},
        (Box("API Status", "Enable"), Box("Provisioning", "Enable provisioning")),
        "onelogin",
        confirmed=False,
    ),
    "jumpcloud": Guide(
        "JumpCloud",
        "SSO Applications › Identity Management › Custom SCIM",
        {Way.TOKEN: (Box("SCIM Version", "SCIM 2.0"), Box("Base URL", BASE), Box("Token Key", TOKEN))},
        (Box("Test User Email", "scim-test@example.com"), Box("Test Connection", "Activate")),
        "jumpcloud",
        confirmed=False,
    ),
    "ping": Guide(
        "PingOne, PingFederate",
        "Integrations › Provisioning › New Connection › SCIM Outbound",
        {
            Way.TOKEN: (
                Box("SCIM Base URL", BASE),
                Box("SCIM Version", "2.0"),
                Box("Users Resource", "/Users"),
                Box("Authentication Method", "OAuth 2 Bearer Token"),
                Box("Authorization Type", "Bearer"),
                Box("Token", TOKEN),
                Box("User Filter Expression", 'userName Eq "%s"'),
                Box("User Identifier", "userName"),
            ),
            Way.CLIENT: (
                Box("SCIM Base URL", BASE),
                Box("SCIM Version", "2.0"),
                Box("Users Resource", "/Users"),
                Box("Authentication Method", "OAuth 2 Client Credentials"),
                Box("OAuth Token Request", TOKEN_ENDPOINT),
                Box("OAuth Client ID", CLIENT_ID),
                Box("OAuth Client Secret", SECRET),
                Box("Scope", "scim"),
                Box("User Filter Expression", 'userName Eq "%s"'),
                Box("User Identifier", "userName"),
            ),
        },
        (Box("Test Connection", "Save"),),
        "ping",
        confirmed=False,
    ),
    "google": Guide(
        "Google Workspace",
        "Apps › Web and mobile apps › Auto-provisioning",
        {Way.TOKEN: (Box("Endpoint URL", BASE), Box("Access token", TOKEN))},
        (),
        "google",
        confirmed=False,
    ),
    "generic": Guide(
        "SCIM 2.0",
        "SCIM 2.0",
        {
            Way.TOKEN: (Box("SCIM 2.0 base URL", BASE), Box("Bearer token", TOKEN)),
            Way.CLIENT: (
                Box("SCIM 2.0 base URL", BASE),
                Box("Token endpoint", TOKEN_ENDPOINT),
                *_CREDENTIALS,
                Box("Scope", "scim"),
            ),
            Way.ISSUER: (Box("SCIM 2.0 base URL", BASE),),
        },
        confirmed=False,
    ),
}
"""By what `domain.tenants.IDPS` calls them."""
