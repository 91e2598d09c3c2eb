"""/tenants/{tenant}/domains: domains that a tenant says are its own."""

from scim_server.api.answers import Answered, Made, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Text
from scim_server.api.items.domains import DomainItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.services import verifying

domains = Noun(
    "domains", "Domains that a tenant says are its own. With a verified one it takes addresses in verified ones alone."
)
ALL, ONE = f"{TENANT}/domains", f"{TENANT}/domains/{{domain}}"


class NewDomain(Body):
    """A domain to be added."""

    name = Text(required=True, most=253, about="Such as example.com; subdomains are domains of their own.")


@domains.get(ALL, "people.read", shows=DomainItem, lists=True, query=PageQuery)
def list_domains(call: Call) -> Answered:
    """List the tenant's domains by name."""
    found = verifying.domains(call.units, call.tenant)
    return part_of(found, call.after, call.limit, lambda domain: domain.name)


@domains.post(ALL, "tenant.write", shows=DomainItem, body=NewDomain, status=201)
def add_domain(call: Call) -> Answered:
    """Add a domain. It says what is to be published before it can be verified; until then it changes nothing."""
    new = verifying.add_domain(call.units, call.tenant, call.cause, call.body["name"])
    return Made(new, f"/tenants/{call.tenant.slug}/domains/{new.name}")


@domains.get(ONE, "people.read", shows=DomainItem)
def show_domain(call: Call) -> Answered:
    """Show a domain."""
    return verifying.domain(call.units, call.tenant, call.path["domain"])


@domains.post(f"{ONE}/verify", "tenant.write", shows=DomainItem)
def verify_domain(call: Call) -> Answered:
    """Look for the proof of a domain. From the first verified one on the tenant takes addresses in those alone."""
    return verifying.verify_domain(call.units, call.tenant, call.cause, call.path["domain"], call.service.proofs)


@domains.delete(ONE, "tenant.write")
def remove_domain(call: Call) -> Answered:
    """Take a domain out. Without a verified one the tenant takes every address again."""
    verifying.remove_domain(call.units, call.tenant, call.cause, call.path["domain"])
