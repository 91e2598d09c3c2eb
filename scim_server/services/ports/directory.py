"""Groups, their members, and resources that nothing but a schema describes."""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from scim_server.domain.directory import Group
from scim_server.domain.resources import Resource


class Groups(Protocol):
    @property
    def unique_names(self) -> bool:
        """Whether a new group of the tenant reserves its name."""
        ...

    def expect(self, group_id: str) -> None:
        """Have the group that `get` is asked for next locked with whatever is asked before."""
        ...

    def get(self, group_id: str) -> Group | None:
        """The group, locked for this transaction."""
        ...

    def any_nested(self) -> bool:
        """Whether any group of the tenant is a member of another one."""
        ...

    def lock_below(self, group_ids: Iterable[str]) -> frozenset[str]:
        """Lock the groups and all groups nested in them, so that nobody joins or leaves meanwhile.

        Answers the ids of those that exist.
        """
        ...

    def named(self, display_name: str) -> Group | None:
        """The oldest group of that name, letter case ignored."""
        ...

    def all_named(self, display_names: Collection[str]) -> dict[str, list[Group]]:
        """The groups of those names, letter case ignored, by the name as given, oldest first; not locked."""
        ...

    def names(self, group_ids: Collection[str]) -> dict[str, str]:
        """The display names of those that exist, by id."""
        ...

    def some(self, group_ids: Collection[str]) -> list[Group]:
        """Those groups, not locked."""
        ...

    def lock(self, group_ids: Collection[str]) -> list[Group]:
        """Those groups, locked for this transaction in the order of their ids."""
        ...

    def page(self, after: str, most: int, *, name: str | None = None) -> list[Group]:
        """The next groups by id, so many at most, not locked; the first ones after an empty text.

        With `name` those whose display name begins with it, letter case ignored.
        """
        ...

    def add(self, group: Group) -> None:
        """Raises Taken where the group's name is to be unique and is in use."""
        ...

    def save(self, group: Group) -> None:
        """Raises Taken where the group's name is to be unique and is in use."""
        ...

    def touch(self, *changed: Group) -> None:
        """Write the version of groups whose members alone have changed, and when that was."""
        ...

    def remove(self, group_id: str) -> None:
        """Take the group out; it must have no members and be a member of nothing."""
        ...


class Members(Protocol):
    def expect(self, ids: Collection[str]) -> None:
        """Have what the next question of `kinds` is asked of read along with whatever is asked before."""
        ...

    def kinds(self, ids: Collection[str]) -> dict[str, str]:
        """Of `ids`, those that name a user ("User") or a group ("Group") of the tenant."""
        ...

    def of(self, group_id: str) -> dict[str, str]:
        """The members of the group, id to kind."""
        ...

    def page(self, group_id: str, after: str, most: int) -> list[tuple[str, str]]:
        """The next members of the group by id, so many at most: id and kind; the first ones after an empty text."""
        ...

    def sizes(self, group_ids: Collection[str]) -> dict[str, int]:
        """How many members those groups have directly, by group id; an empty one is left out."""
        ...

    def nested(self) -> list[tuple[str, str]]:
        """Every group that is a member of another one: the id of the inner and of the outer."""
        ...

    def expect_present(self, group_id: str, ids: Collection[str]) -> None:
        """Have what `present` is asked of next read likewise."""
        ...

    def present(self, group_id: str, ids: Collection[str]) -> dict[str, str]:
        """Of `ids`, those that are members of the group, id to kind."""
        ...

    def absent(self, group_id: str, ids: Collection[str]) -> set[str]:
        """Of `ids`, those that are no members of the group."""
        ...

    def others(self, group_id: str, ids: Collection[str]) -> dict[str, str]:
        """The members of the group that are not among `ids`, id to kind."""
        ...

    def nested_in(self, group_id: str) -> set[str]:
        """The groups that are direct members of the group, by id."""
        ...

    def add(self, group_id: str, kinds: Mapping[str, str]) -> None:
        """Make them members; none of them may be one already."""
        ...

    def remove(self, group_id: str, ids: Collection[str]) -> None:
        """End those memberships."""
        ...

    def leave(self, member_id: str, group_ids: Collection[str]) -> None:
        """End the memberships of one member in those groups."""
        ...

    def gone(self) -> list[tuple[str, str]]:
        """The members that are neither a user nor a group, with their groups: group id and member id."""
        ...

    def drop_gone(self) -> None:
        """End the memberships of those."""
        ...

    def groups_of(self, member_id: str) -> list[str]:
        """The groups that the user or group is a direct member of, by id."""
        ...

    def groups_of_some(self, user_ids: Collection[str]) -> dict[str, list[str]]:
        """The groups that users are direct members of, by user and in the order of their ids."""
        ...

    def above(self, member_id: str) -> list[tuple[str, str]]:
        """The memberships from a user or group upwards, through nested groups: id of the member and of the group."""
        ...

    def users_below(self, group_ids: Collection[str]) -> list[str]:
        """Every user in the groups or in groups nested in them, by id."""
        ...

    def count_below(self, group_id: str) -> int:
        """How many users are in the group or in groups nested in it, each counted once."""
        ...


class Resources(Protocol):
    """Resources of types that nothing but a schema describes."""

    def get(self, kind: str, resource_id: str) -> Resource | None:
        """The resource of that type, locked for this transaction."""
        ...

    def add(self, resource: Resource) -> None:
        """Raises Taken where a value that must be unique is in use."""
        ...

    def save(self, resource: Resource) -> None:
        """Raises Taken where a value that must be unique is in use."""
        ...

    def remove(self, resource: Resource) -> None:
        """Take the resource out and free its unique values."""
        ...

    def some(self, resource_ids: Collection[str]) -> list[Resource]:
        """Those resources, not locked."""
        ...

    def types(self, ids: Collection[str]) -> dict[str, str]:
        """Of `ids`, those that name a resource of the tenant, with the name of its type, users and groups included."""
        ...
