"""Why a request is not taken to come from the client that it names: for the log of the operator, never for whoever
asks. The sentences are these, so nothing that a client writes gets into the log."""

from enum import StrEnum


class Reason(StrEnum):
    """What was wrong; of several things, the first that was looked at."""

    NO_PROOF = "Nothing in the request proves a client."
    NOT_BASIC = "The Authorization header is not HTTP Basic of an id and a secret, or there are two."
    TWO_CLIENTS = "The parameter client_id names another client than the proof does."
    NOT_OUR_ID = "The client_id is none that this server made."
    NOT_OUR_SECRET = "The secret is none that this server made: what it begins with or its checksum is wrong."  # noqa: S105
    UNKNOWN = "There is no client of that client_id."
    OTHER_TENANT = "The client is another tenant's than the issuer."
    REVOKED = "The client is revoked."
    OTHER_METHOD = "The client is registered to prove itself in another way."
    NO_SUCH_SECRET = "No client of that client_id has that secret."  # noqa: S105
    SECRET_OVER = "The secret is revoked or expired."  # noqa: S105
    UNREADABLE = "The assertion is no signed JWT, or has a header that is not taken."
    OTHER_TYPE = "The typ of the assertion is of something else, or its kid can name no key."
    NOT_SIGNED = "No key of the client's made the signature by an alg that it is for, or its keys cannot be read."
    OTHER_NAMES = "The iss and the sub of the assertion are not both the client_id."
    OTHER_AUDIENCE = "The aud of the assertion is not the issuer alone."
    NO_MOMENTS = "The exp of the assertion is missing, or one of exp, nbf and iat is no number of seconds."
    NOT_YET = "The nbf or the iat of the assertion is still to come by the clock of this server."
    EXPIRED = "The exp of the assertion is over by the clock of this server."
    TOO_LONG = "The exp of the assertion is further ahead than ten minutes."
    NO_ID = "The jti of the assertion is missing or too long."
    SHOWN_BEFORE = "An assertion with that jti was shown before."
    NOT_TRUSTED = "No issuer that is trusted for the client fits what the assertion claims (iss, sub, aud)."
    NOT_CURRENT = "The exp of the assertion is missing or over, or its nbf or iat is still to come."
    NOT_BY_ISSUER = "No key of the trusted issuer made the signature, or its keys cannot be read."
