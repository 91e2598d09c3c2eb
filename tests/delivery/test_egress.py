"""The one way out (security table, row E2): where it goes, what it takes, when it gives up."""

import gzip
import ipaddress
import logging
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event

import pytest

from scim_server.delivery.egress import VettedWeb
from scim_server.delivery.resolvers import Resolver, resolve_by_system
from scim_server.services.ports import Unreachable
from tests.webs import Authority, Respond, answer, serving

LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"), ipaddress.ip_network("::1/128"))
HOST = "keys.example.com"
MOST = 1000


@dataclass
class Names:
    """A resolver that gives these answers in turn, the last one ever after."""

    answers: Sequence[Sequence[str]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, seconds: float) -> Sequence[str]:
        assert seconds > 0
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> ssl.SSLContext:
    return authority.for_host(HOST, "127.0.0.1", "::1")


@pytest.fixture
def web(authority: Authority) -> VettedWeb:
    return VettedWeb(LOOPBACK, seconds=5, resolve=Names([["127.0.0.1"]]), trust=authority.trust)


def test_what_a_server_answers_comes_back_whatever_its_status(web: VettedWeb, certificate: ssl.SSLContext) -> None:
    with serving(answer(b"no such key", "404 Not Found", X_Name="1"), certificate) as server:
        fetched = web.get(f"https://{HOST}:{server.port}/keys?of=all", most=MOST)
    assert (fetched.status, fetched.body, fetched.headers["x-name"]) == (404, b"no such key", "1")
    head = server.requests[0].decode().split("\r\n")
    assert head[0] == "GET /keys?of=all HTTP/1.1"
    assert f"Host: {HOST}:{server.port}" in head
    assert not [line for line in head if line.lower().startswith(("cookie", "authorization", "proxy"))]


def test_what_is_sent_arrives(web: VettedWeb, certificate: ssl.SSLContext) -> None:
    with serving(answer(b"taken"), certificate) as server:
        sent = web.post(f"https://{HOST}:{server.port}/in", b'{"a":1}', {"Content-Type": "text/json"}, most=MOST)
    assert sent.body == b"taken"
    assert server.requests[0].endswith(b'\r\n\r\n{"a":1}')
    assert b"Content-Type: text/json\r\n" in server.requests[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", f"{HOST}.", HOST.upper()])
def test_a_literal_address_is_taken_and_a_name_in_any_of_its_forms(
    authority: Authority, certificate: ssl.SSLContext, host: str
) -> None:
    listening = "::1" if host.startswith("[") else "127.0.0.1"
    web = VettedWeb(LOOPBACK, seconds=5, resolve=Names([[listening]]), trust=authority.trust)
    with serving(answer(b"here"), certificate, listening) as server:
        assert web.get(f"https://{host}:{server.port}", most=MOST).body == b"here"


REFUSED = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.216.34",
    "::ffff:0:10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused_as_a_name_says_it_or_literally(address: str) -> None:
    """No connection is tried: each of these would fail in other words, or after the time."""
    named = VettedWeb(resolve=Names([[address]]))
    with pytest.raises(Unreachable, match="is not public") as refused:
        named.get(f"https://{HOST}/", most=MOST)
    assert address not in str(refused.value)
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(Unreachable, match=r"is not public|a form that is not taken"):
        VettedWeb().get(f"https://{literal}/", most=MOST)


@pytest.mark.parametrize("address", ["93.184.216.34", "172.15.255.255", "172.32.0.1", "100.128.0.1", "2606:2800::1"])
def test_a_public_address_is_vetted_as_one(address: str) -> None:
    """None is connected to here: the time is over as soon as the addresses are known."""
    late = VettedWeb(seconds=0.05, resolve=_slow(address))
    with pytest.raises(Unreachable, match="no whole answer in time"):
        late.get(f"https://{HOST}/", most=MOST)


def _slow(address: str) -> Resolver:
    def resolve(host: str, seconds: float) -> Sequence[str]:
        Event().wait(seconds)
        return [address]

    return resolve


NO_ADDRESSES = [
    ("ftp://keys.example.com/", "must begin with https"),
    ("//keys.example.com/", "must begin with https"),
    ("keys.example.com", "must begin with https"),
    ("https:///keys", "must name a host"),
    ("https://a..b/", "must name a host"),
    ("https://-a.example/", "must name a host"),
    (f"https://{'a' * 64}.example/", "must name a host"),
    (f"https://{'a.' * 126}example/", "must name a host"),
    ("https://user@keys.example.com/", "must name no user"),
    ("https://user:secret@keys.example.com/", "must name no user"),
    ("https://keys.example.com@127.0.0.1/", "must name no user"),
    ("https://@keys.example.com/", "must name no user"),
    ("https://keys.example.com\\@127.0.0.1/", "printable"),
    ("https://keys.example.com/\r\nHost: other", "printable"),
    ("https://keys\t.example.com/", "printable"),
    (" https://keys.example.com/", "printable"),
    ("https://schlüssel.example/", "printable"),
    (f"https://keys.example.com/{'a' * 2048}", "printable"),
    ("", "printable"),
    ("https://keys.example.com:99999/", "cannot be read"),
    ("https://keys.example.com:x/", "cannot be read"),
    ("https://[::1/", "cannot be read"),
    ("https://[keys.example.com]/", "cannot be read|must name a host"),
    ("https://keys.example.com:0/", "port must be"),
    ("https://keys.example.com:22/", "port must be"),
    ("https://keys.example.com:25/", "port must be"),
    ("https://2130706433/", "form that is not taken"),
    ("https://0x7f000001/", "form that is not taken"),
    ("https://0x7f.0.0.0x1/", "form that is not taken"),
    ("https://0177.0.0.1/", "form that is not taken"),
    ("https://017700000001/", "form that is not taken"),
    ("https://127.1/", "form that is not taken"),
    ("https://127.0.0.1.2/", "form that is not taken"),
    ("https://256.0.0.1/", "form that is not taken"),
    ("https://[fe80::1%25eth0]/", "form that is not taken"),
]


@pytest.mark.parametrize(("url", "why"), NO_ADDRESSES)
def test_an_address_in_another_form_is_refused_before_any_name_is_resolved(url: str, why: str) -> None:
    names = Names([["127.0.0.1"]])
    with pytest.raises(Unreachable, match=why) as refused:
        VettedWeb(LOOPBACK, resolve=names).get(url, most=MOST)
    assert names.asked == []
    assert "secret" not in str(refused.value)


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_vetted(
    authority: Authority, certificate: ssl.SSLContext
) -> None:
    """A name server that changes its mind between check and use gains nothing, now and at the next request."""
    names = Names([["127.0.0.1"], ["127.0.0.2"]])
    web = VettedWeb(LOOPBACK, seconds=5, resolve=names, trust=authority.trust)
    with serving(answer(b"vetted"), certificate) as server:
        assert web.get(f"https://{HOST}:{server.port}/", most=MOST).body == b"vetted"
        assert names.asked == [HOST]
        with pytest.raises(Unreachable, match="is not public"):
            web.get(f"https://{HOST}:{server.port}/", most=MOST)
    assert len(server.requests) == 1


@pytest.mark.parametrize("answers", [["127.0.0.1", "10.0.0.1"], ["10.0.0.1", "127.0.0.1"]])
def test_one_refused_address_among_others_spoils_them_all(web: VettedWeb, answers: list[str]) -> None:
    with serving(answer(b"here")) as server:
        mixed = VettedWeb(LOOPBACK, resolve=Names([answers]))
        with pytest.raises(Unreachable, match="is not public"):
            mixed.get(f"https://{HOST}:{server.port}/", most=MOST)
    assert server.requests == []


def test_the_next_address_is_tried_where_nobody_answers_at_the_first(
    authority: Authority, certificate: ssl.SSLContext
) -> None:
    web = VettedWeb(LOOPBACK, seconds=5, resolve=Names([["::1", "127.0.0.1"]]), trust=authority.trust)
    with serving(answer(b"second"), certificate) as server:
        assert web.get(f"https://{HOST}:{server.port}/", most=MOST).body == b"second"


@pytest.mark.parametrize("answers", [[], ["keys.example.com"]])
def test_a_name_without_addresses_is_not_found(answers: list[str]) -> None:
    with pytest.raises(Unreachable, match=f"The host {HOST} cannot be found"):
        VettedWeb(resolve=Names([answers])).get(f"https://{HOST}/", most=MOST)


def test_the_machine_resolves_names_where_nobody_else_does() -> None:
    with pytest.raises(Unreachable, match="is not public"):
        VettedWeb().get("https://localhost/", most=MOST)
    with pytest.raises(Unreachable, match="cannot be found"):
        VettedWeb().get("https://nowhere.invalid/", most=MOST)


@pytest.mark.parametrize("host", ["app.invalid", "APP.Invalid.", "invalid.invalid"])
def test_no_name_server_is_asked_about_names_that_there_never_are(host: str) -> None:
    """RFC 6761 section 6.4; there is no time in which one could answer."""
    with pytest.raises(socket.gaierror, match="not known"):
        resolve_by_system(host, seconds=0)


def test_http_is_for_allowed_networks_alone(web: VettedWeb) -> None:
    with serving(answer(b"plain")) as server:
        assert web.get(f"http://{HOST}:{server.port}/", most=MOST).body == b"plain"
    for address in ("93.184.216.34", "10.0.0.1"):
        with pytest.raises(Unreachable, match="must begin with https"):
            VettedWeb(LOOPBACK, resolve=Names([[address]])).get(f"http://{HOST}/", most=MOST)


@pytest.mark.parametrize(("names", "days"), [(["other.example.com"], 1), ([HOST], -1)])
def test_a_certificate_of_another_name_or_time_is_not_trusted(
    authority: Authority, web: VettedWeb, names: list[str], days: int
) -> None:
    with (
        serving(answer(b"here"), authority.for_host(*names, days=days)) as server,
        pytest.raises(Unreachable, match=f"The certificate of {HOST} is not to be trusted"),
    ):
        web.get(f"https://{HOST}:{server.port}/", most=MOST)
    assert server.requests == []


def test_a_certificate_of_an_unknown_authority_is_not_trusted(certificate: ssl.SSLContext) -> None:
    web = VettedWeb(LOOPBACK, resolve=Names([["127.0.0.1"]]))
    with (
        serving(answer(b"here"), certificate) as server,
        pytest.raises(Unreachable, match="is not to be trusted"),
    ):
        web.get(f"https://{HOST}:{server.port}/", most=MOST)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(web: VettedWeb, certificate: ssl.SSLContext, status: str) -> None:
    with serving(answer(b"there"), certificate) as there:
        to = f"https://{HOST}:{there.port}/"
        with (
            serving(answer(b"", status, Location=to), certificate) as here,
            pytest.raises(Unreachable, match="redirect"),
        ):
            web.get(f"https://{HOST}:{here.port}/", most=MOST)
    assert there.requests == []


def _dripping(head: bytes) -> Respond:
    def respond(_: bytes, stopped: Event) -> Iterator[bytes]:
        yield head
        while not stopped.wait(0.02):
            yield b"x"

    return respond


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX-", answer()[:-2] + b"X: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_the_time_is_for_all_of_the_answer(authority: Authority, certificate: ssl.SSLContext, head: bytes) -> None:
    web = VettedWeb(LOOPBACK, seconds=0.3, resolve=Names([["127.0.0.1"]]), trust=authority.trust)
    with serving(_dripping(head), certificate) as server:
        started = time.monotonic()
        with pytest.raises(Unreachable, match=r"in time|not HTTP"):
            web.get(f"https://{HOST}:{server.port}/", most=1_000_000)
        assert time.monotonic() - started < 2


def test_a_server_that_says_nothing_at_all_is_given_up(authority: Authority) -> None:
    web = VettedWeb(LOOPBACK, seconds=0.2, resolve=Names([["127.0.0.1"]]), trust=authority.trust)

    def silent(_: bytes, stopped: Event) -> Iterator[bytes]:
        stopped.wait(5)
        yield b""

    with serving(silent) as server, pytest.raises(Unreachable, match="in time"):
        web.get(f"https://{HOST}:{server.port}/", most=MOST)


def test_a_server_that_does_not_read_what_is_sent_is_given_up(authority: Authority) -> None:
    """It takes the connection and reads a byte now and then."""
    web = VettedWeb(LOOPBACK, seconds=0.3, resolve=Names([["127.0.0.1"]]), trust=authority.trust)

    def endless(_: bytes, stopped: Event) -> Iterator[bytes]:
        stopped.wait(5)
        yield b""

    with serving(endless) as server:
        started = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            web.post(f"http://{HOST}:{server.port}/", b"x" * 10_000_000, {"Content-Type": "text/plain"}, most=MOST)
        assert time.monotonic() - started < 2


def _endless(_: bytes, stopped: Event) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    while not stopped.is_set():
        yield b"400\r\n" + b"x" * 0x400 + b"\r\n"


def test_a_body_without_end_is_not_read(web: VettedWeb, certificate: ssl.SSLContext) -> None:
    with serving(_endless, certificate) as server, pytest.raises(Unreachable, match="more than 1000 bytes"):
        web.get(f"https://{HOST}:{server.port}/", most=MOST)


@pytest.mark.parametrize(("size", "taken"), [(MOST, True), (MOST + 1, False)])
def test_the_limit_of_size_is_exact(web: VettedWeb, certificate: ssl.SSLContext, size: int, taken: bool) -> None:
    with serving(answer(b"x" * size), certificate) as server:
        if taken:
            assert len(web.get(f"https://{HOST}:{server.port}/", most=MOST).body) == size
        else:
            with pytest.raises(Unreachable, match="more than 1000 bytes"):
                web.get(f"https://{HOST}:{server.port}/", most=MOST)


def test_headers_without_end_are_not_read(web: VettedWeb, certificate: ssl.SSLContext) -> None:
    def respond(_: bytes, stopped: Event) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        while not stopped.is_set():
            yield b"X-More: " + b"x" * 1000 + b"\r\n"

    with serving(respond, certificate) as server, pytest.raises(Unreachable, match="not HTTP"):
        web.get(f"https://{HOST}:{server.port}/", most=MOST)


def test_nothing_is_unpacked(web: VettedWeb, certificate: ssl.SSLContext) -> None:
    bomb = gzip.compress(b"0" * 500_000)
    assert len(bomb) < MOST
    with (
        serving(answer(bomb, Content_Encoding="gzip"), certificate) as server,
        pytest.raises(Unreachable, match="encoded content"),
    ):
        web.get(f"https://{HOST}:{server.port}/", most=MOST)
    assert b"Accept-Encoding: identity" in server.requests[0]


@pytest.mark.parametrize("garbage", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx"])
def test_an_answer_that_is_no_http_or_breaks_off_is_none(
    web: VettedWeb, certificate: ssl.SSLContext, garbage: bytes
) -> None:
    with serving(garbage, certificate) as server, pytest.raises(Unreachable, match="broke off, or answered"):
        web.get(f"https://{HOST}:{server.port}/", most=MOST)


def test_nobody_listening_is_said_so(web: VettedWeb) -> None:
    with serving(b"") as gone:
        port = gone.port
    with pytest.raises(Unreachable, match=f"{HOST} cannot be connected to at port {port}"):
        web.get(f"https://{HOST}:{port}/", most=MOST)


def test_the_environment_names_no_proxy(
    web: VettedWeb, certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer(b"proxied")) as proxy, serving(answer(b"straight"), certificate) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert web.get(f"https://{HOST}:{server.port}/", most=MOST).body == b"straight"
    assert proxy.requests == []


def test_nothing_that_is_sent_or_answered_is_logged_at_any_level(
    web: VettedWeb, certificate: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), serving(answer(b"", Set_Cookie="canary-1"), certificate) as server:
        web.post(f"https://{HOST}:{server.port}/canary-2", b"canary-3", {"X-Token": "canary-4"}, most=MOST)
    assert "canary" not in caplog.text


def test_what_the_client_says_itself_cannot_be_said_for_it(web: VettedWeb) -> None:
    with pytest.raises(ValueError, match="host"):
        web.post(f"https://{HOST}/", b"", {"Host": "other.example.com"}, most=MOST)
