"""/operator/secrets: what the server seals with its secret key, as it must read it again."""

from scim_server.api.answers import Answered
from scim_server.api.calls import Call
from scim_server.api.endpoints import Noun
from scim_server.api.items.secrets import ResealedItem
from scim_server.services.resealing import reseal

secrets = Noun("secrets", "What the server seals with its secret key, as it must read it again.")


@secrets.post("/operator/secrets/reseal", "operations.write", shows=ResealedItem)
def reseal_secrets(call: Call) -> Answered:
    """Seal anew, with the first secret key, whatever is sealed with another or lies in clear. Only for the operator."""
    return reseal(call.units)
