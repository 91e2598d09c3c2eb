"""The table of pages: the address of each, the permission it takes, and the function behind it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from flask_babel import LazyString
from werkzeug.wrappers import Response

from scim_server.console.calls import Call

TENANT = "/tenants/<tenant>"
Run = Callable[[Call], str | Response]


@dataclass(frozen=True, slots=True)
class Page:
    """One method at one address below /console. `permission` is what the visitor's roles must permit.

    `within_care` says that it is for visitors as well who are limited to the people of some groups (`cares`).
    """

    method: str
    path: str
    permission: str
    run: Run
    section: str
    within_care: bool = False

    @property
    def name(self) -> str:
        """The name of its function, which no other page has."""
        return self.run.__name__


@dataclass
class Section:
    """The pages of one subject. `title` is what the navigation calls it, where it leads to `opens`.

    Those of a section `within_care` keep themselves to the people whom the visitor is limited to.
    """

    name: str
    title: LazyString | None = None
    opens: str | None = None
    within_care: bool = False
    pages: list[Page] = field(default_factory=list)

    def get(self, path: str, permission: str) -> Callable[[Run], Run]:
        """Declare what is shown at an address."""
        return self._declares("GET", path, permission)

    def post(self, path: str, permission: str) -> Callable[[Run], Run]:
        """Declare what the form shown at the same address does."""
        return self._declares("POST", path, permission)

    def __iter__(self) -> Iterator[Page]:
        return iter(self.pages)

    def _declares(self, method: str, path: str, permission: str) -> Callable[[Run], Run]:
        def declare(run: Run) -> Run:
            self.pages.append(Page(method, path, permission, run, self.name, self.within_care))
            return run

        return declare
