"""The WSGI application of an installation."""

from typing import TYPE_CHECKING

from scim_server.app.installations import Installation, install
from scim_server.services.pulling import Watch

if TYPE_CHECKING:
    from flask import Flask


def create_app(
    installation: Installation | None = None,
    *,
    switched_off: frozenset[str] = frozenset(),
    in_background: bool = True,
) -> "Flask":
    """The WSGI application. `switched_off` names client habits that it is to leave alone (see dialects).

    Without `in_background` no thread is started: log entries of reads are written, and audit trails are sealed, when
    `installation.log.flush()` and `installation.sealer.flush()` are called.
    """
    # Imported here because the command line, which makes no application, starts in half the time without it.
    from scim_server.app.edges import assemble

    installed = installation or install()
    app = assemble(installed, switched_off)
    if in_background:
        installed.log.start()
        installed.sealer.start()
    return app


def create_events_app(installation: Installation, watch: Watch) -> "Flask":
    """The WSGI application of `scim-server events`, in which requests wait as `watch` lets them."""
    from scim_server.app.edges import assemble_events

    app = assemble_events(installation, watch)
    installation.log.start()
    return app
