"""/tenants/{tenant}/deleted-users: who was deleted and can be brought back for a while."""

from scim_server.api.answers import Answered, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Cursor, Flag
from scim_server.api.items.erasures import ErasedItem
from scim_server.api.items.users import DeletedUserItem, UserItem
from scim_server.api.nouns.people import Quietly
from scim_server.api.shapes import Body, PageQuery
from scim_server.services import erasing, leaving, people

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


class ErasureBody(Body):
    """Whether it is urgent."""

    despite_retention = Flag(load_default=False, about="Also where the person could still be restored.")


@leavers.get(f"{DELETED}/{{user}}/erasure", "tenant.write", shows=ErasedItem)
def preview_erasure(call: Call) -> Answered:
    """Say what would go with a deleted person; nothing does."""
    return erasing.preview(call.units, call.tenant, call.path["user"])


@leavers.post(f"{DELETED}/{{user}}/erasure", "tenant.write", shows=ErasedItem, body=ErasureBody)
def erase_user(call: Call) -> Answered:
    """Erase a deleted person for good, by user name or id, with all that is stored of them (GDPR, article 17).

    Their entries in the audit trail can never be read again; the trail stays whole.
    """
    despite = call.body["despite_retention"]
    return erasing.erase_person(call.units, call.tenant, call.cause, call.path["user"], despite_retention=despite)
