"""What an invited person is written. Which language they read is not known: they belong to somebody else so far."""

from collections.abc import Sequence

from scim_server.domain.invitations import Invitation
from scim_server.domain.tenants import Tenant

_SUBJECT = "{tenant} invites you / {tenant} vous invite"
_BODY = """\
(Version française ci-dessous.)

{tenant} invites you to join them{offered}.

Your e-mail address {address} has been in use elsewhere so far. If you accept, you move: your upcoming sessions and
your recordings come along, and your present access ends. If you decline, or do nothing, everything stays as it is.

Read more, then accept or decline, until {day} (UTC):
{link}

Whoever has this link can answer for you: keep it to yourself. You did not expect this mail? Ignore it.

--

{tenant} vous invite à les rejoindre{proposed}.

Votre adresse {address} était jusqu'ici utilisée ailleurs. Si vous acceptez, vous changez d'organisation : vos
prochaines sessions et vos enregistrements vous suivent, et votre accès actuel prend fin. Si vous refusez, ou ne
faites rien, tout reste en l'état.

Pour en savoir plus, puis accepter ou refuser, jusqu'au {day} (UTC) :
{link}

Quiconque possède ce lien peut répondre à votre place : gardez-le pour vous. Vous n'attendiez pas ce message ?
Ignorez-le.
"""


def letter(tenant: Tenant, invitation: Invitation, products: Sequence[str], link: str) -> tuple[str, str]:
    """Subject and body, in English and French; `products` by name."""
    name = " ".join(tenant.name.split())
    listed = ", ".join(products)
    return _SUBJECT.format(tenant=name), _BODY.format(
        tenant=name,
        offered=f", with {listed}" if listed else "",
        proposed=f", avec {listed}" if listed else "",
        address=invitation.address,
        day=invitation.expires[:10],
        link=link,
    )
