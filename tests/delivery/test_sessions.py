"""A kept connection to one address: as vetted as any other, for each new connection, with a time for each request."""

import os
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from scim_server.delivery.egress import VettedWeb
from scim_server.services.ports import Unreachable
from tests.delivery.test_egress import LOOPBACK, MOST, Names
from tests.receivers import Receiver, receiving

NAME = "hooks.example.com"
MANY = 4096


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def test_requests_share_a_connection_while_it_lasts(receiver: Receiver) -> None:
    names = Names([["127.0.0.1"]])
    web = VettedWeb(LOOPBACK, seconds=5, resolve=names)
    with closing(web.session(f"http://{NAME}:{receiver.port}/in")) as session:
        for _ in range(3):
            assert session.post(b"{}", {"Content-Type": "application/json"}, most=MOST).status == 204
    assert len({each.connection for each in receiver.requests}) == 1
    assert names.asked == [NAME]
    assert "connection" not in receiver.requests[0].headers


def test_a_process_with_many_open_files_keeps_connections_too(receiver: Receiver) -> None:
    """Numbers of files beyond 1,023 are more than select() takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, MANY)), hard))
    with ExitStack() as opened:
        for _ in range(1024):
            opened.enter_context(open(os.devnull, "rb"))
        session = opened.enter_context(closing(VettedWeb(LOOPBACK, seconds=5).session(receiver.url)))
        for _ in range(2):
            assert session.post(b"{}", {}, most=MOST).status == 204
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_connection_that_was_closed_meanwhile_is_made_anew_to_an_address_vetted_anew(receiver: Receiver) -> None:
    names = Names([["127.0.0.1"], ["127.0.0.1"], ["192.168.0.1"]])
    web = VettedWeb(LOOPBACK, seconds=5, resolve=names)
    receiver.behave = lambda _: (204, {"Connection": "close"})
    with closing(web.session(f"http://{NAME}:{receiver.port}/in")) as session:
        for _ in range(2):
            assert session.post(b"{}", {}, most=MOST).status == 204
        with pytest.raises(Unreachable, match=r"begin with https|not public"):
            session.post(b"{}", {}, most=MOST)
    assert len(receiver.requests) == 2
    assert names.asked == [NAME] * 3


def test_one_that_broke_while_it_was_idle_is_tried_once_more() -> None:
    """The server hangs up as the second request comes, which it cannot have looked at."""
    web = VettedWeb(LOOPBACK, seconds=5)
    with receiving() as receiver:
        url = receiver.url
        with closing(web.session(url)) as session:
            assert session.post(b"1", {}, most=MOST).status == 204
            receiver.behave = lambda received: None if received.body == b"2" and len(receiver.requests) == 2 else 204
            assert session.post(b"2", {}, most=MOST).status == 204
    assert [each.body for each in receiver.requests] == [b"1", b"2", b"2"]


def test_each_request_has_a_time_of_its_own(receiver: Receiver) -> None:
    web = VettedWeb(LOOPBACK, seconds=0.6)
    receiver.behave = lambda _: time.sleep(0.4) or 204
    with closing(web.session(receiver.url)) as session:
        for _ in range(3):
            assert session.post(b"{}", {}, most=MOST).status == 204
        receiver.behave = lambda _: time.sleep(1) or 204
        with pytest.raises(Unreachable, match="no whole answer in time"):
            session.post(b"{}", {}, most=MOST)
        receiver.behave = lambda _: 204
        assert session.post(b"{}", {}, most=MOST).status == 204


def test_redirects_and_long_answers_are_none_here_as_well(receiver: Receiver) -> None:
    web = VettedWeb(LOOPBACK, seconds=5)
    with closing(web.session(receiver.url)) as session:
        receiver.behave = lambda _: (302, {"Location": "http://127.0.0.1/"})
        with pytest.raises(Unreachable, match="redirect"):
            session.post(b"{}", {}, most=MOST)
        receiver.behave = lambda _: 204
        assert session.post(b"{}", {}, most=MOST).status == 204


def test_nobody_listening_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with closing(VettedWeb(LOOPBACK).session(f"http://127.0.0.1:{port}/")) as session, pytest.raises(Unreachable):
        session.post(b"{}", {}, most=MOST)
