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


@dataclass(frozen=True, slots=True)
class Actors:
    """The actors of one tenant, by what the trail calls them."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, uow: UnitOfWork, people: Mapping[str, str]) -> Self:
        """The tenant's connections and tokens, and people whose user names are known, by id."""
        names = {f"{CONNECTION}{each.id}": f"connection '{each.name}'" for each in uow.connections.all()}
        names |= {f"{TOKEN}{each.id}": f"the API token '{each.name}'" for each in uow.api_tokens.all()}
        names |= {f"{CLIENT}{each.id}": f"the OAuth client '{each.name}'" for each in uow.oauth_clients.all()}
        return cls(names | {f"{PERSON}{user_id}": f"'{name}'" for user_id, name in people.items()})

    def who(self, actor: str) -> str:
        """The actor in words."""
        known = self.names.get(actor) or _KINDS.get(actor)
        return known or next((words for kind, words in _OTHERS.items() if actor.startswith(kind)), actor)


def people_among(actors: Collection[str]) -> set[str]:
    """The ids of the people among those actors."""
    return {actor.removeprefix(PERSON) for actor in actors if actor.startswith(PERSON)}
