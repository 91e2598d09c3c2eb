"""Who made a change, in words: the trail names actors by kind and id."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

from scim_server.services.ports import UnitOfWork

CONNECTION, PERSON, TOKEN, CLIENT, OPERATOR = "connection:", "person:", "api:", "client:", "operator:"
"""What an actor begins with; an id follows."""
_KINDS: Mapping[str, str] = {
    "cli": "the command line",
    "system": "the server itself",
    "invited": "whoever was invited",
}
_OTHERS: Mapping[str, str] = {
    CONNECTION: "a connection that is gone",
    PERSON: "a person who is gone",
    TOKEN: "a token of the admin API that is gone",
    CLIENT: "an OAuth client that is gone",
    OPERATOR: "the operator",
}


_NAMED: Mapping[str, str] = {
    CONNECTION: "connection '{}'",
    PERSON: "'{}'",
    TOKEN: "the API token '{}'",
    CLIENT: "the OAuth client '{}'",
}


@dataclass(frozen=True, slots=True)
class Actors:
    """The actors of one tenant: by what the trail calls them the names of those that have one."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, uow: UnitOfWork, people: Mapping[str, str]) -> Self:
        """The tenant's connections and tokens, and people whose user names are known, by id."""
        return cls(acting(uow) | {f"{PERSON}{user_id}": name for user_id, name in people.items()})

    @classmethod
    def among(cls, uow: UnitOfWork, actors: Collection[str]) -> Self:
        """Those that the trail calls so."""
        return cls.of(uow, {user.id: user.user_name for user in uow.users.some(people_among(actors))})

    def who(self, actor: str) -> str:
        """The actor in words."""
        kind, name = kind_of(actor), self.names.get(actor)
        if name is not None and kind in _NAMED:
            return _NAMED[kind].format(name)
        return _KINDS.get(actor) or _OTHERS.get(kind, actor)


def acting(uow: UnitOfWork) -> dict[str, str]:
    """The names of the tenant's connections, removed ones too, its tokens and its clients, by what actors they are."""
    names = {f"{CONNECTION}{each.id}": each.name for each in uow.connections.ever()}
    names |= {f"{TOKEN}{each.id}": each.name for each in uow.api_tokens.all()}
    return names | {f"{CLIENT}{each.id}": each.name for each in uow.oauth_clients.all()}


def kind_of(actor: str) -> str:
    """What the actor begins with, or the whole of it where there is but one of the kind."""
    return next((kind for kind in _OTHERS if actor.startswith(kind)), actor)


def people_among(actors: Collection[str]) -> set[str]:
    """The ids of the people among those actors."""
    return {actor.removeprefix(PERSON) for actor in actors if actor.startswith(PERSON)}
