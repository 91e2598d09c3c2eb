"""Domains of a tenant, and where their proofs are found."""

from typing import Protocol

from scim_server.domain.domains import Domain


class Domains(Protocol):
    """The domains of one tenant. Whoever writes one holds the tenant's guard, exclusively."""

    def all(self) -> list[Domain]:
        """Every one by name."""
        ...

    def get(self, name: str) -> Domain | None: ...

    def expect(self) -> None:
        """Have the verified ones read with the next question."""
        ...

    def verified(self) -> frozenset[str]:
        """The names of those that are verified; read once in a transaction that holds the guard."""
        ...

    def put(self, domain: Domain) -> None:
        """Keep it, in place of the one of that name."""
        ...

    def remove(self, name: str) -> None: ...


class Proofs(Protocol):
    """Where owners of domains publish proofs. Asks other servers: never inside a transaction."""

    def find(self, domain: Domain) -> None:
        """Raises Unproven, which says where the proof was looked for and what was found instead."""
        ...
