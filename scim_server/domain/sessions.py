"""Sessions that people organise: meetings, webinars, trainings, and the recordings that are left of them."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from scim_server.domain.instants import Instant


class Kind(StrEnum):
    """What a session is. A recording is its organiser's alone, whatever anybody's role (invariant 12)."""

    MEETING = "meeting"
    WEBINAR = "webinar"
    TRAINING = "training"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class Session:
    """A session under the application's id. Organiser and co-organisers are users' ids, of some who are gone as well.

    Only a sealed recording has no organiser: nobody sees it again.
    """

    id: str
    kind: Kind
    organiser: str | None
    title: str
    starts: Instant
    ends: Instant | None = None
    co_organisers: tuple[str, ...] = ()

    def handed_to(self, user_id: str) -> Self:
        """The same session, organised by somebody else."""
        others = tuple(each for each in self.co_organisers if each != user_id)
        return replace(self, organiser=user_id, co_organisers=others)

    def passed_on(self, user_id: str, heir_id: str) -> Self:
        """The same session, with the heir in that person's place."""
        others = tuple(heir_id if each == user_id else each for each in self.co_organisers)
        return replace(self, organiser=heir_id if self.organiser == user_id else self.organiser, co_organisers=others)

    @property
    def is_private(self) -> bool:
        """Whether nobody but the organiser may know of it."""
        return self.kind is Kind.RECORDING

    @property
    def facts(self) -> dict[str, Any]:
        """What the audit trail keeps of a session that is not private."""
        return {
            "kind": self.kind.value,
            "organiser": self.organiser,
            "title": self.title,
            "starts": self.starts,
            "ends": self.ends,
            "coOrganisers": list(self.co_organisers),
        }
