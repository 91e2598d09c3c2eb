"""Whom the server takes for its client, with and without proxies it trusts."""

from ipaddress import ip_network

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from scim_server.http.peers import Peers

PROXIES = Peers((ip_network("10.0.0.0/8"), ip_network("fd00::/8")))


def client(peer: str | None, **headers: str) -> str | None:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    environ = EnvironBuilder(headers=names).get_environ()
    environ["REMOTE_ADDR"] = peer
    return PROXIES.client(Request(environ))


WALKS = {
    "198.51.100.7": "198.51.100.7",
    "198.51.100.7, 10.0.0.2": "198.51.100.7",
    "203.0.113.9, 198.51.100.7, 10.0.0.2": "198.51.100.7",
    "198.51.100.7:4711": "198.51.100.7",
    "2001:db8::1": "2001:db8::1",
    "[2001:DB8:0::1]:443, fd00::2": "2001:db8::1",
    "::ffff:198.51.100.7": "198.51.100.7",
    "10.0.0.3, 10.0.0.2": "10.0.0.3",
    "198.51.100.7, unknown": "10.0.0.1",
    "198.51.100.7, garbage, 10.0.0.2": "10.0.0.2",
    "": "10.0.0.1",
    ",,,": "10.0.0.1",
    "198.51.100.7,": "10.0.0.1",
    "198.51.100.7\r\nX: y": "10.0.0.1",
    "999.1.1.1": "10.0.0.1",
    "198.51.100.7/32": "10.0.0.1",
    "fe80::1%eth0": "10.0.0.1",
    "٣.1.1.1": "10.0.0.1",
}


@pytest.mark.parametrize(("forwarded", "found"), WALKS.items())
def test_what_a_trusted_proxy_forwards_is_read_from_its_end(forwarded: str, found: str) -> None:
    environ = EnvironBuilder().get_environ()
    environ.update(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert PROXIES.client(Request(environ)) == found


FORWARDED = {
    "for=198.51.100.7": "198.51.100.7",
    "For=198.51.100.7;proto=https;by=10.0.0.1": "198.51.100.7",
    'proto=http; for="[2001:db8::1]:4711"': "2001:db8::1",
    "for=203.0.113.9, for=198.51.100.7, for=10.0.0.2": "198.51.100.7",
    'for="203.0.113.9, for=198.51.100.7': "198.51.100.7",
    "for=_hidden": "10.0.0.1",
    "for=unknown": "10.0.0.1",
    "proto=https": "10.0.0.1",
    "host=for=198.51.100.7": "10.0.0.1",
}


@pytest.mark.parametrize(("forwarded", "found"), FORWARDED.items())
def test_so_is_the_header_of_rfc_7239(forwarded: str, found: str) -> None:
    assert client("10.0.0.1", Forwarded=forwarded) == found


def test_nobody_else_is_believed() -> None:
    for peer in ("198.51.100.1", "2001:db8::9", "127.0.0.1"):
        assert client(peer, X_Forwarded_For="10.0.0.5", Forwarded="for=10.0.0.6") == peer
    assert client("::ffff:198.51.100.1") == "198.51.100.1"


def test_a_proxy_may_be_reached_through_ipv6() -> None:
    assert client("::ffff:10.0.0.1", X_Forwarded_For="198.51.100.7") == "198.51.100.7"


def test_no_other_header_is_read() -> None:
    others = ("X_Real_IP", "X_Client_IP", "True_Client_IP", "CF_Connecting_IP", "X_Forwarded", "Forwarded_For", "Via")
    assert client("10.0.0.1", **dict.fromkeys(others, "198.51.100.7")) == "10.0.0.1"


def test_two_headers_that_disagree_are_neither_believed() -> None:
    """The proxy writes one of them, the client the other, and nothing says which."""
    agreed = client("10.0.0.1", X_Forwarded_For="198.51.100.7", Forwarded="for=198.51.100.7")
    assert agreed == "198.51.100.7"
    assert client("10.0.0.1", X_Forwarded_For="198.51.100.7", Forwarded="for=203.0.113.9") == "10.0.0.1"


@pytest.mark.parametrize("peer", [None, "", "unix:", "/run/socket"])
def test_a_peer_without_an_address_is_nobody(peer: str | None) -> None:
    assert client(peer, X_Forwarded_For="198.51.100.7") is None
