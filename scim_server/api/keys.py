"""`Idempotency-Key`: a POST that is sent twice with one key is carried out once and answered twice the same."""

from collections.abc import Callable
from hashlib import sha256

import orjson
from flask import Request, Response

from scim_server.api.calls import Call
from scim_server.api.problems import FieldErrors, WrongField
from scim_server.domain.errors import Contention, Refusal
from scim_server.services import deduplicating
from scim_server.services.keyed_requests import KeptAnswer, Keyed

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST = 255
PIECE = 1 << 16


def once(call: Call, request: Request, hides: str | None, run: Callable[[], Response]) -> Response:
    """Run the call, or answer what was answered to it before. Only what was carried out is kept.

    The member of the answer that it `hides` is not: it is null the second time.
    """
    asked = _keyed(call, request)
    if asked is None:
        return run()
    kept = deduplicating.begin(call.units, call.owner, asked)
    if kept is not None:
        return _replay(kept)
    try:
        response = run()
    except (Refusal, Contention, FieldErrors):  # nothing was changed; after any other failure the trail has to say
        deduplicating.let_go(call.units, asked)
        raise
    answer = KeptAnswer(response.status_code, response.headers.get("Location"), _kept(response, hides))
    deduplicating.keep(call.units, asked, answer)
    return response


def _keyed(call: Call, request: Request) -> Keyed | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        detail = f"A key is 1 to {LONGEST} printable ASCII characters, for example a UUID."
        raise FieldErrors([WrongField("header", HEADER, detail)])
    tenant_id = call.owner.id if call.owner else ""
    return Keyed(tenant_id, call.bearer.actor, key, _fingerprint(call, request), call.request_id)


def _fingerprint(call: Call, request: Request) -> str:
    digest = sha256(f"{request.method} {request.full_path}\n".encode())
    if call.upload is None:
        digest.update(request.get_data())
        return digest.hexdigest()
    while piece := call.upload.read(PIECE):
        digest.update(piece)
    call.upload.seek(0)
    return digest.hexdigest()


def _kept(response: Response, hides: str | None) -> str:
    text = response.get_data(as_text=True)
    return text if hides is None else orjson.dumps({**orjson.loads(text), hides: None}).decode()


def _replay(kept: KeptAnswer) -> Response:
    headers = {"Cache-Control": "no-store", REPLAYED: "true"}
    if kept.location is not None:
        headers["Location"] = kept.location
    return Response(kept.body, kept.status, headers, content_type="application/json")
