"""Pushing an event to the receiver of a stream, and what the answers mean (RFC 8935)."""

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson

from scim_server.domain.streams import Delivery
from scim_server.domain.webhooks import Attempt, Secrets, Sending, Verdict, verdict_of
from scim_server.services.ports import Fetched, TokenSigner, WebSession
from scim_server.services.webhook_attempts import send

ACCEPT = {"Content-Type": "application/secevent+jwt", "Accept": "application/json"}
"""RFC 8935 section 2.1."""
OF_THE_RECEIVER = frozenset(
    {"invalid_key", "invalid_issuer", "invalid_audience", "authentication_failed", "access_denied"}
)
"""Errors of RFC 8935 section 2.4 that any other token would meet as well: what is wrong is how the receiver, or the
stream, is set up. Every other one is about the token at hand, which it will never take."""
TOO_SLOW = "The receiver took too long over the tokens of one event."
_ENDS = frozenset({Verdict.FAILED, Verdict.GONE, Verdict.REFUSED})


def push(
    session: WebSession, signer: TokenSigner, secrets: Secrets, sending: Sending, *, ends: float = math.inf
) -> Attempt:
    """Send the tokens of an event, each in a request of its own, signed now, until one is not taken. When it `ends`, by
    the clock of `time.monotonic`, no other is begun, and the receiver failed.

    One that the receiver will never take does not keep the others from it. Raises Unavailable where no key can be had.
    """
    headers = ACCEPT | ({"Authorization": secrets.present} if secrets.present else {})
    attempts: list[Attempt] = []
    for claims in sending.tokens:
        if attempts and time.monotonic() >= ends:
            attempts.append(Attempt(Verdict.FAILED, detail=TOO_SLOW))
            break
        attempts.append(send(session, signer.sign(claims).encode(), headers, Delivery.PUSH.value, _verdict_of))
        if attempts[-1].verdict in _ENDS:
            break
    last = next(_worst(attempts))
    return replace(last, milliseconds=sum(each.milliseconds for each in attempts))


def _worst(attempts: list[Attempt]) -> Iterator[Attempt]:
    """What the event met: the last one where that ended it, else a token that was rejected, else the last."""
    if attempts[-1].verdict not in _ENDS:
        yield from (each for each in attempts if each.verdict is Verdict.REJECTED)
    yield attempts[-1]


def _verdict_of(answer: Fetched) -> Verdict:
    if answer.status in {401, 403}:
        return Verdict.FAILED
    error = _error(answer.body) if answer.status == 400 else None
    if error is None:
        return verdict_of(answer.status)
    return Verdict.FAILED if error in OF_THE_RECEIVER else Verdict.REJECTED


def _error(body: bytes) -> str | None:
    """The code of an error (RFC 8935 section 2.3); None where the answer has none."""
    try:
        told: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    error = told.get("err") if isinstance(told, dict) else None
    return error if isinstance(error, str) else None
