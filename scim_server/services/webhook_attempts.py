"""Sending one event to a webhook, or a token to the receiver of a stream, and what the answer means."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import perf_counter

from scim_server.domain.webhooks import Attempt, Secrets, Verdict, verdict_of
from scim_server.services.ports import Fetched, Unreachable, WebSession
from scim_server.services.webhook_signatures import headers

MOST_ANSWERED = 100_000
"""Bytes of an answer, of which nothing but the first characters is kept."""
LONGEST_EXCERPT = 200


def post(session: WebSession, secrets: Secrets, event_id: str, body: bytes) -> Attempt:
    """Send a body, signed now. The signature tells the hour of this machine, whatever hour it is elsewhere."""
    signed = headers(secrets, event_id, datetime.now(UTC), body)
    return send(session, body, signed, lambda answer: verdict_of(answer.status))


def send(session: WebSession, body: bytes, headers: Mapping[str, str], judge: Callable[[Fetched], Verdict]) -> Attempt:
    """Send a body; `judge` says what an answer means."""
    begun = perf_counter()
    try:
        answer = session.post(body, headers, most=MOST_ANSWERED)
    except Unreachable as error:
        return Attempt(Verdict.FAILED, None, str(error), _milliseconds(begun))
    verdict = judge(answer)
    wait = None if verdict is Verdict.ACCEPTED else _asked_for(answer.headers)
    return Attempt(verdict, answer.status, _excerpt(answer, verdict), _milliseconds(begun), wait)


def _milliseconds(begun: float) -> int:
    return int(1000 * (perf_counter() - begun))


def _excerpt(answer: Fetched, verdict: Verdict) -> str | None:
    """What a receiver says that did not take an event, on one line."""
    if verdict is Verdict.ACCEPTED:
        return None
    text = " ".join(answer.body[: 4 * LONGEST_EXCERPT].decode("utf-8", "replace").replace("\0", "").split())
    said = "".join(each for each in text if each.isprintable())[:LONGEST_EXCERPT]
    return f"The receiver answered {answer.status}: {said}" if said else f"The receiver answered {answer.status}."


def _asked_for(told: Mapping[str, str]) -> timedelta | None:
    """For how long the receiver asks to be left alone (RFC 9110 section 10.2.3)."""
    text = told.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 8:
        return timedelta(seconds=int(text))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(timedelta(), aware - datetime.now(UTC))
