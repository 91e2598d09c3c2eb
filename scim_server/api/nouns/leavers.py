"""/tenants/{tenant}/deleted-users: who was deleted and can be brought back for a while."""

from scim_server.api.answers import Answered, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Cursor
from scim_server.api.items.users import DeletedUserItem, UserItem
from scim_server.api.nouns.people import Quietly
from scim_server.api.shapes import PageQuery
from scim_server.services import leaving, people

leavers = Noun("deleted users", "People who were deleted; of several of one user name the newest is meant.")
DELETED = f"{TENANT}/deleted-users"


class LeaversQuery(PageQuery):
    """A part of the list of deleted people."""

    after = Cursor(str, str)


@leavers.get(DELETED, "people.read", shows=DeletedUserItem, lists=True, query=LeaversQuery)
def list_deleted_users(call: Call) -> Answered:
    """List who was deleted, newest first."""
    found = people.departed_page(call.units, call.tenant, after=call.after, limit=call.limit + 1)
    return page_of(found, call.limit, lambda gone: (gone.tombstone.deleted, gone.tombstone.user.id))


@leavers.get(f"{DELETED}/{{user}}", "people.read", shows=DeletedUserItem)
def show_deleted_user(call: Call) -> Answered:
    """Show somebody who was deleted, by id or user name."""
    return people.deleted(call.units, call.tenant, call.path["user"])


@leavers.post(f"{DELETED}/{{user}}/restore", "people.write", shows=UserItem, body=Quietly)
def restore_user(call: Call) -> Answered:
    """Bring a deleted person back under the old id, with direct claims; memberships do not return."""
    cause = call.cause.quietly(call.body["quiet"])
    return leaving.restore_person(call.units, call.tenant, cause, call.path["user"])
