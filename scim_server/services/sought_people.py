"""By what people are sought."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SoughtPeople:
    """Whom to find: those who meet every condition that is not None. Letter case matters in external ids alone.

    `user_name`, `address` and `external_id` are met by equality, `text` by a user name, or a word of the display name,
    that begins with it. `active` is what the identity provider says. `product` is met by a seat of it, in whatever
    state; `role` by a grant; `group` by being in the group of that name or id, or in one nested in it.
    """

    user_name: str | None = None
    address: str | None = None
    external_id: str | None = None
    text: str | None = None
    active: bool | None = None
    product: str | None = None
    role: str | None = None
    group: str | None = None


EVERYBODY = SoughtPeople()
