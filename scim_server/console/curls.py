"""A logged request as a command line that sends it again, whatever a client wrote into it."""

import shlex
from urllib.parse import quote

from scim_server.services.log_entries import LogEntry

TOKEN = "$SCIM_TOKEN"  # noqa: S105 the name of a variable
BODY = "Content-Type: application/scim+json"


def curl_of(public_url: str, entry: LogEntry) -> str:
    """The command for a POSIX shell; the token is taken from a variable of the shell's.

    Options are told apart from what was logged: the path is escaped, and a body is sent as it is even where it begins
    with the sign that has curl read a file.
    """
    path, mark, query = entry.path.partition("?")
    address = public_url + quote(path) + mark + quote(query, safe="/:?=&+%,;@!$'()*[]")
    verb = "--head" if entry.method == "HEAD" else f"--request {shlex.quote(entry.method)}"
    lines = [
        f"curl --globoff {verb} {shlex.quote(address)}",
        f'--header "Authorization: Bearer {TOKEN}"',
    ]
    if entry.body is not None:
        lines += [f"--header {shlex.quote(BODY)}", f"--data-raw {shlex.quote(entry.body)}"]
    return " \\\n  ".join(lines)
