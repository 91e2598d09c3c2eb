"""What the use cases need from the outside, declared by them and implemented by `store`.

Every repository belongs to one unit of work and so to one tenant (or, for `Operator`, to the operator alone).
Nothing here commits but `UnitOfWork.commit`.
"""

from scim_server.services.ports.async_requests import AsyncRequests
from scim_server.services.ports.authorizations import (
    AccessBearer,
    AccessTokens,
    KnownClient,
    OAuthClients,
    ProvenClient,
    PublicKeys,
    SigningKeys,
    UsedProofs,
)
from scim_server.services.ports.bearers import Bearers
from scim_server.services.ports.belongings import Belonging, Belongings
from scim_server.services.ports.cells import Cells, Relocation, Switch
from scim_server.services.ports.check_ups import CheckUps, Played
from scim_server.services.ports.consents import ApprovalCodes, OAuthGrants, RefreshBearer, RefreshTokens
from scim_server.services.ports.directory import Groups, Members, Resources
from scim_server.services.ports.domains import Domains, Proofs
from scim_server.services.ports.erasures import Erasures, Traces
from scim_server.services.ports.events import Events
from scim_server.services.ports.feeds import Feeds
from scim_server.services.ports.imports import Imports
from scim_server.services.ports.issues import Issue, Issues
from scim_server.services.ports.ledgers import Ledger, Products
from scim_server.services.ports.operator_webhooks import OperatorWebhooks
from scim_server.services.ports.outside import (
    Connections,
    Fetched,
    Invitations,
    Mails,
    MailTemplates,
    Sessions,
    SignInProviders,
    TrustedIssuers,
    Unreachable,
    Web,
    WebSession,
    Welcomes,
)
from scim_server.services.ports.people import (
    Addresses,
    ApiTokens,
    PendingAdds,
    PersonTokens,
    Sightings,
    Tombstones,
    Users,
)
from scim_server.services.ports.receipts import Receipts
from scim_server.services.ports.records import ProvisioningLog, RequestLog, Trail, Verifications
from scim_server.services.ports.rulebooks import AttributeCondition, Grants, RoleRegister, Rules, Templates
from scim_server.services.ports.security_events import TokenSigner
from scim_server.services.ports.sign_ins import NotSignedIn, Question, SignInOver, SignIns
from scim_server.services.ports.surveys import SeatUse, Surveys
from scim_server.services.ports.terms import Terms
from scim_server.services.ports.units import Crossing, Operator, UnitOfWork, Units
from scim_server.services.ports.webhooks import Cursors, Deliveries, Owned, Streams, Webhooks

__all__ = [
    "AccessBearer",
    "AccessTokens",
    "Addresses",
    "ApiTokens",
    "ApprovalCodes",
    "AsyncRequests",
    "AttributeCondition",
    "Bearers",
    "Belonging",
    "Belongings",
    "Cells",
    "CheckUps",
    "Connections",
    "Crossing",
    "Cursors",
    "Deliveries",
    "Domains",
    "Erasures",
    "Events",
    "Feeds",
    "Fetched",
    "Grants",
    "Groups",
    "Imports",
    "Invitations",
    "Issue",
    "Issues",
    "KnownClient",
    "Ledger",
    "MailTemplates",
    "Mails",
    "Members",
    "NotSignedIn",
    "OAuthClients",
    "OAuthGrants",
    "Operator",
    "OperatorWebhooks",
    "Owned",
    "PendingAdds",
    "PersonTokens",
    "Played",
    "Products",
    "Proofs",
    "ProvenClient",
    "ProvisioningLog",
    "PublicKeys",
    "Question",
    "Receipts",
    "RefreshBearer",
    "RefreshTokens",
    "Relocation",
    "RequestLog",
    "Resources",
    "RoleRegister",
    "Rules",
    "SeatUse",
    "Sessions",
    "Sightings",
    "SignInOver",
    "SignInProviders",
    "SignIns",
    "SigningKeys",
    "Streams",
    "Surveys",
    "Switch",
    "Templates",
    "Terms",
    "TokenSigner",
    "Tombstones",
    "Traces",
    "Trail",
    "TrustedIssuers",
    "UnitOfWork",
    "Units",
    "Unreachable",
    "UsedProofs",
    "Users",
    "Verifications",
    "Web",
    "WebSession",
    "Webhooks",
    "Welcomes",
]
