"""By what people are sought."""

from dataclasses import dataclass

from scim_server.domain.directory import Status
from scim_server.domain.instants import Instant


@dataclass(frozen=True, slots=True)
class SoughtPeople:
    """Whom to find: those who meet every condition that is not None. Letter case matters in external ids alone.

    `user_name`, `address` and `external_id` are met by equality, `text` by a user name, or a word of the display name,
    that begins with it. `active` is what the identity provider says. `product` is met by a seat of it, in whatever
    state; `role` by a grant; `group` by being in the group of that name or id, or in one nested in it.

    `status` is met by whoever stands there now; `idle_before`, which goes with it, is the moment before which a sign-in
    is long ago. `source` is where the person comes from: `admin`, `invitation`, `connection`, or one connection as
    `connection:<id>`. `ids` names people one by one; `within` is met in the groups of those ids, or in ones nested in
    them.
    """

    user_name: str | None = None
    address: str | None = None
    external_id: str | None = None
    text: str | None = None
    active: bool | None = None
    product: str | None = None
    role: str | None = None
    group: str | None = None
    status: Status | None = None
    source: str | None = None
    ids: tuple[str, ...] | None = None
    within: tuple[str, ...] | None = None
    idle_before: Instant | None = None


EVERYBODY = SoughtPeople()
