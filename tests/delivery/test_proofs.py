"""Where domains are proved: DNS first, then a file on the domain's own server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from scim_server.delivery.proofs import PublishedProofs
from scim_server.domain.domains import Domain
from scim_server.domain.errors import Unproven
from scim_server.services.ports import Fetched, Unreachable
from tests.nameservers import name_server

DOMAIN = Domain("example.com", "pr00f", "2026-01-31T09:00:00.000000Z")
RECORD = "_scim-server.example.com"
FILE = "https://example.com/.well-known/scim-server-domain.txt"


@dataclass
class Files:
    """A web of these files, status and body by address."""

    files: Mapping[str, tuple[int, bytes]]
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, *, most: int) -> Fetched:
        self.asked.append(url)
        if url not in self.files:
            raise Unreachable("The host example.com cannot be found.")
        status, body = self.files[url]
        return Fetched(status, {}, body)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, most: int) -> Fetched:
        raise AssertionError("a proof is fetched")


def find(records: Callable[[str], Sequence[str] | None], files: Files | None = None, *, silent: bool = False) -> None:
    with name_server(records, silent=silent) as server:
        PublishedProofs(files or Files({}), (server,), seconds=0.2 if silent else 5).find(DOMAIN)


@pytest.mark.parametrize(
    "texts",
    [
        ["scim-server-domain=pr00f"],
        ["v=spf1 -all", " scim-server-domain=pr00f "],
        ["x" * 600, "scim-server-domain=other", "scim-server-domain=pr00f"],
    ],
)
def test_a_record_of_dns_proves_a_domain(texts: list[str]) -> None:
    asked: list[str] = []
    files = Files({})

    def records(name: str) -> list[str]:
        asked.append(name)
        return texts

    find(records, files)
    assert set(asked) == {RECORD}
    assert files.asked == []


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (None, "DNS has no TXT record _scim-server.example.com"),
        ([], "DNS has no TXT record _scim-server.example.com"),
        (["scim-server-domain=other"], "has another text"),
        (["scim-server-domain=pr00f2"], "has another text"),
        (["x scim-server-domain=pr00f"], "has another text"),
        (["pr00f"], "has another text"),
    ],
)
def test_a_record_that_is_not_there_or_says_something_else_proves_nothing(texts: list[str] | None, why: str) -> None:
    with pytest.raises(Unproven, match=why) as refused:
        find(lambda name: texts if name == RECORD else ["scim-server-domain=pr00f"])
    assert f"{FILE} cannot be fetched (The host example.com cannot be found)" in refused.value.detail
    assert "Publish the text 'scim-server-domain=pr00f' as TXT record" in refused.value.detail


def test_a_name_server_that_says_nothing_proves_nothing() -> None:
    with pytest.raises(Unproven, match=r"DNS gave no answer about _scim-server\.example\.com"):
        find(lambda _: ["scim-server-domain=pr00f"], silent=True)


@pytest.mark.parametrize("body", [b"scim-server-domain=pr00f", b"# ours\r\n scim-server-domain=pr00f \r\n"])
def test_a_file_proves_a_domain_as_well(body: bytes) -> None:
    find(lambda _: None, Files({FILE: (200, body)}))


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (200, b"", "has another text"),
        (200, b"scim-server-domain=other", "has another text"),
        (200, b"<p>scim-server-domain=pr00f</p>", "has another text"),
        (404, b"scim-server-domain=pr00f", "answers 404"),
        (206, b"scim-server-domain=pr00f", "answers 206"),
    ],
)
def test_another_file_proves_nothing(status: int, body: bytes, why: str) -> None:
    with pytest.raises(Unproven, match=why):
        find(lambda _: None, Files({FILE: (status, body)}))
