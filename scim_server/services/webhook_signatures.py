"""How what is sent to webhooks proves itself: secrets and signatures of Standard Webhooks (standardwebhooks.com)."""

import secrets
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime

from standardwebhooks import Webhook as Signer

from scim_server.domain.webhooks import Secrets

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret as its receiver is told it."""
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(known: Secrets, message_id: str, moment: datetime, body: bytes) -> Mapping[str, str]:
    """The headers of a message, signed with every secret that is good at that moment."""
    good = (known.present,) if known.former is None else (known.present, known.former)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Signer(each).sign(message_id, moment, body.decode()) for each in good),
    }
