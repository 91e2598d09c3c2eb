"""What keeps tenants apart, and people from more than they may."""

from typing import Any

from sqlalchemy import select

from scim_server.domain import access
from scim_server.domain.access import Roles
from scim_server.store import places, queries
from tests import databases
from tests.faults.catalogue import Patch
from tests.faults.defences.registers import gone, ignore
from tests.faults.mutations import replace_function


@gone(
    "A resource is found by its id in whatever tenant.",
    "tests/http/test_authentication.py::test_a_resource_of_another_tenant_does_not_exist",
    on=databases.KINDS,
    held_by_the_wall=True,
)
def resources_are_found_in_every_tenant(patch: Patch) -> None:
    def anywhere(shelf: places.Shelf) -> Any:
        table = shelf.table
        columns = (table.c.id, table.c.document, table.c.version, table.c.created, table.c.modified)
        return select(*columns).where(shelf.rows, table.c.id == queries.bindparam("resource_id"))

    patch.setattr(queries, "_ONE", places.ByType(anywhere))


@gone(
    "The tenant is the one that the address names.",
    "tests/http/test_authentication.py::test_another_tenant_does_not_exist",
)
def any_slug_will_do(patch: Patch) -> None:
    from scim_server.http import exchanges

    begin = exchanges.Exchange.begin.__func__  # type: ignore[attr-defined]

    def anywhere(cls: Any, service: Any, rest: str, asked: Any, recording: Any) -> Any:
        bearer = service.authenticator.authenticate(exchanges.presented(asked.headers, asked.method, asked.url, None))
        own = "/".join([bearer.tenant.slug, *rest.split("/")[1:]])
        return begin(cls, service, own, asked, recording)

    patch.setattr(exchanges.Exchange, "begin", classmethod(anywhere))


@gone(
    "A connection grants every role.",
    "tests/security/test_privileges.py::test_no_attribute_makes_anybody_more_than_the_connection_may",
    "tests/http/test_grants.py::test_a_role_above_the_connection_is_echoed_granted_to_nobody_and_an_issue",
)
def no_role_is_above_a_connection(patch: Patch) -> None:
    patch.setattr(Roles, "is_above", lambda *_: False)


@gone(
    "An admin deals out roles above their own.",
    "tests/api/test_roles.py::test_nobody_deals_out_more_than_they_may",
    "tests/api/test_rules.py::test_no_rule_gives_or_takes_a_role_above_ones_own",
)
def no_role_is_above_an_admin(patch: Patch) -> None:
    replace_function(patch, access.check_within, ignore)
