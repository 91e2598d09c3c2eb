"""The repositories of one unit of work, each made when it is first asked for: most units need few of them."""

from dataclasses import dataclass
from functools import cached_property

from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.protocol.profiles import profile_of
from scim_server.protocol.registry import Registry
from scim_server.store.access_tokens import AccessTokens
from scim_server.store.api_tokens import ApiTokens
from scim_server.store.async_requests import AsyncRequests
from scim_server.store.belongings import Belongings
from scim_server.store.conditions import Conditions
from scim_server.store.connections import Connections
from scim_server.store.cursors import Cursors
from scim_server.store.deliveries import Deliveries
from scim_server.store.domains import Domains
from scim_server.store.dossiers import Dossiers
from scim_server.store.erasures import Erasures
from scim_server.store.event_logs import Events
from scim_server.store.feeds import Feeds
from scim_server.store.grants import Grants, RoleRegister
from scim_server.store.imports import Imports
from scim_server.store.inventories import Inventory
from scim_server.store.invitations import Invitations
from scim_server.store.ledgers import Ledger
from scim_server.store.mail_templates import MailTemplates
from scim_server.store.mails import Mails
from scim_server.store.memberships import Groups, Members
from scim_server.store.oauth_clients import OAuthClients
from scim_server.store.oauth_grants import ApprovalCodes, OAuthGrants, RefreshTokens
from scim_server.store.pending_adds import PendingAdds
from scim_server.store.people import Addresses, Users
from scim_server.store.person_tokens import PersonTokens
from scim_server.store.products import Catalogues
from scim_server.store.provisioning_logs import ProvisioningLog
from scim_server.store.queries import Documents
from scim_server.store.receipts import Receipts
from scim_server.store.resources import Resources
from scim_server.store.rulebooks import Issues, Rules
from scim_server.store.scopes import Scope
from scim_server.store.sessions import Sessions
from scim_server.store.sightings import Sightings
from scim_server.store.sign_in_providers import SignInProviders
from scim_server.store.streams import Streams
from scim_server.store.surveys import Surveys
from scim_server.store.templates import Templates
from scim_server.store.tombstones import Tombstones
from scim_server.store.trails import Trail
from scim_server.store.trusted_issuers import TrustedIssuers
from scim_server.store.used_proofs import UsedProofs
from scim_server.store.verifications import Verifications
from scim_server.store.webhooks import Webhooks
from scim_server.store.welcomes import Welcomes


@dataclass
class Repositories:
    """What one transaction reads and writes of its tenant."""

    scope: Scope
    tenant: Tenant
    now: Instant
    registry: Registry
    unique_addresses: bool

    @cached_property
    def dossiers(self) -> Dossiers:
        return Dossiers(self.scope)

    @cached_property
    def users(self) -> Users:
        return Users(self.scope, self.registry.resource_type("User"), self.dossiers, self.documents)

    @cached_property
    def tombstones(self) -> Tombstones:
        return Tombstones(self.scope, self.registry.resource_type("User"))

    @cached_property
    def sightings(self) -> Sightings:
        return Sightings(self.scope)

    @cached_property
    def pending_adds(self) -> PendingAdds:
        return PendingAdds(self.scope)

    @cached_property
    def groups(self) -> Groups:
        profile = profile_of(self.tenant.profile, self.tenant.switched)
        return Groups(self.scope, self.registry.resource_type("Group"), profile.unique_group_names)

    @cached_property
    def resources(self) -> Resources:
        return Resources(self.scope, self.registry)

    @cached_property
    def members(self) -> Members:
        return Members(self.scope)

    @cached_property
    def addresses(self) -> Addresses:
        return Addresses(self.scope, everywhere=self.unique_addresses, now=self.now)

    @cached_property
    def products(self) -> Catalogues:
        return Catalogues(self.scope)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.scope, self.dossiers)

    @cached_property
    def rules(self) -> Rules:
        return Rules(self.scope)

    @cached_property
    def conditions(self) -> Conditions:
        return Conditions(self.scope, self.users.kind)

    @cached_property
    def templates(self) -> Templates:
        return Templates(self.scope)

    @cached_property
    def roles(self) -> RoleRegister:
        return RoleRegister(self.scope)

    @cached_property
    def grants(self) -> Grants:
        return Grants(self.scope, self.dossiers)

    @cached_property
    def issues(self) -> Issues:
        return Issues(self.scope, self.now)

    @cached_property
    def connections(self) -> Connections:
        return Connections(self.scope)

    @cached_property
    def belongings(self) -> Belongings:
        return Belongings(self.scope)

    @cached_property
    def trusted_issuers(self) -> TrustedIssuers:
        return TrustedIssuers(self.scope)

    @cached_property
    def sign_in_provider(self) -> SignInProviders:
        return SignInProviders(self.scope)

    @cached_property
    def api_tokens(self) -> ApiTokens:
        return ApiTokens(self.scope)

    @cached_property
    def person_tokens(self) -> PersonTokens:
        return PersonTokens(self.scope)

    @cached_property
    def oauth_clients(self) -> OAuthClients:
        return OAuthClients(self.scope)

    @cached_property
    def access_tokens(self) -> AccessTokens:
        return AccessTokens(self.scope)

    @cached_property
    def used_proofs(self) -> UsedProofs:
        return UsedProofs(self.scope)

    @cached_property
    def domains(self) -> Domains:
        return Domains(self.scope)

    @cached_property
    def oauth_grants(self) -> OAuthGrants:
        return OAuthGrants(self.scope)

    @cached_property
    def refresh_tokens(self) -> RefreshTokens:
        return RefreshTokens(self.scope)

    @cached_property
    def approval_codes(self) -> ApprovalCodes:
        return ApprovalCodes(self.scope)

    @cached_property
    def invitations(self) -> Invitations:
        return Invitations(self.scope, self.now)

    @cached_property
    def placed_events(self) -> Events:
        return Events(self.scope)

    @cached_property
    def webhooks(self) -> Webhooks:
        return Webhooks(self.scope, self.now)

    @cached_property
    def streams(self) -> Streams:
        return Streams(self.scope, self.now)

    @cached_property
    def cursors(self) -> Cursors:
        return Cursors(self.scope, self.now)

    @cached_property
    def feeds(self) -> Feeds:
        return Feeds(self.scope)

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(self.scope)

    @cached_property
    def async_requests(self) -> AsyncRequests:
        return AsyncRequests(self.scope, self.now)

    @cached_property
    def receipts(self) -> Receipts:
        return Receipts(self.scope)

    @cached_property
    def mails(self) -> Mails:
        return Mails(self.scope)

    @cached_property
    def mail_templates(self) -> MailTemplates:
        return MailTemplates(self.scope)

    @cached_property
    def welcomes(self) -> Welcomes:
        return Welcomes(self.scope)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.scope)

    @cached_property
    def imports(self) -> Imports:
        return Imports(self.scope)

    @cached_property
    def surveys(self) -> Surveys:
        return Surveys(self.scope)

    @cached_property
    def log(self) -> ProvisioningLog:
        return ProvisioningLog(self.scope)

    @cached_property
    def documents(self) -> Documents:
        return Documents(self.scope)

    @cached_property
    def trail(self) -> Trail:
        return Trail(self.scope, self.dossiers.is_new)

    @cached_property
    def verifications(self) -> Verifications:
        return Verifications(self.scope)

    @cached_property
    def erasures(self) -> Erasures:
        return Erasures(self.scope)

    @cached_property
    def inventory(self) -> Inventory:
        return Inventory(self.scope)
