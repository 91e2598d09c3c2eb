"""docs/issues.md, from the data."""

from scim_server.services.issues import KINDS

_HEAD = """# Issues

A problem that somebody can act on is an issue: it has a code, opens and closes by itself, and never stops a client.
`scim-server issue list TENANT` shows what is open, `user show` what is open of one person. `issue reprocess TENANT`
works out anew what people should have, for a person (`--user`), a group (`--group`), a product (`--product`) or
everybody; the server does so by itself every day. This page is written by `scim-server issue page`.

| Code | Means | Who can act | What to do |
|---|---|---|---|
"""


def page() -> str:
    """The page, without a final line break."""
    lines = (f"| `{code}` | {kind.means} | {kind.acts} | {kind.cure} |" for code, kind in KINDS.items())
    return _HEAD + "\n".join(lines)
