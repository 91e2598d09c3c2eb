"""What the page of an invitation says, in each language it can say it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Moment = Literal[
    "open",
    "done_accepted",
    "done_declined",
    "accepted",
    "declined",
    "expired",
    "unknown",
    "taken",
    "needed",
    "stale",
    "trouble",
]


@dataclass(frozen=True, slots=True)
class Words:
    """A title and sentences; `{tenant}`, `{address}` and `{day}` are filled in where they are known."""

    title: str
    sentences: tuple[str, ...]


ANSWERS: Mapping[str, Mapping[str, str]] = {
    "en": {"accept": "Accept and move", "decline": "Decline"},
    "fr": {"accept": "Accepter et changer", "decline": "Refuser"},
}
"""The captions of the two buttons, by language and by what they send."""

PAGES: Mapping[str, Mapping[Moment, Words]] = {
    "en": {
        "open": Words(
            "{tenant} invites you",
            (
                "Your e-mail address {address} has been in use elsewhere so far. If you accept, you move to {tenant}: "
                "your upcoming sessions and your recordings come along, and your present access ends.",
                "If you decline, or do nothing until {day} (UTC), everything stays as it is.",
            ),
        ),
        "done_accepted": Words("Welcome to {tenant}", ("You have moved. You can close this page.",)),
        "done_declined": Words("You declined", ("Everything stays as it is. You can close this page.",)),
        "accepted": Words(
            "This invitation was accepted", ("There is nothing left to do: use what {tenant} gives you.",)
        ),
        "declined": Words(
            "This invitation was declined", ("If that was a mistake, ask {tenant} to invite you again.",)
        ),
        "expired": Words("This invitation has expired", ("Ask {tenant} to invite you again.",)),
        "unknown": Words(
            "This link leads nowhere",
            ("Copy it whole from the newest mail, or ask whoever invited you for another.",),
        ),
        "taken": Words(
            "This address is in use already",
            ("Nothing was changed. Ask {tenant} which of their users has your address {address}.",),
        ),
        "needed": Words(
            "You are needed where you are",
            (
                "Nothing was changed: you are the last super admin where your address {address} has been in use so "
                "far. Make somebody else super admin there, then open your link again.",
            ),
        ),
        "stale": Words(
            "This page was open for too long",
            ("Nothing was changed. Open your link again and answer there; the page needs cookies for that.",),
        ),
        "trouble": Words(
            "This did not work just now",
            ("Open your link again in a moment: it shows whether your answer came through.",),
        ),
    },
    "fr": {
        "open": Words(
            "{tenant} vous invite",
            (
                "Votre adresse {address} était jusqu'ici utilisée ailleurs. Si vous acceptez, vous rejoignez "
                "{tenant} : vos prochaines sessions et vos enregistrements vous suivent, et votre accès actuel "
                "prend fin.",
                "Si vous refusez, ou ne faites rien jusqu'au {day} (UTC), tout reste en l'état.",
            ),
        ),
        "done_accepted": Words("Bienvenue chez {tenant}", ("Le changement est fait. Vous pouvez fermer cette page.",)),
        "done_declined": Words("Vous avez refusé", ("Tout reste en l'état. Vous pouvez fermer cette page.",)),
        "accepted": Words(
            "Cette invitation a été acceptée", ("Il n'y a plus rien à faire : utilisez ce que {tenant} vous donne.",)
        ),
        "declined": Words(
            "Cette invitation a été refusée",
            ("Si c'était une erreur, demandez à {tenant} de vous inviter à nouveau.",),
        ),
        "expired": Words("Cette invitation a expiré", ("Demandez à {tenant} de vous inviter à nouveau.",)),
        "unknown": Words(
            "Ce lien ne mène nulle part",
            ("Copiez-le en entier depuis le message le plus récent, ou demandez-en un autre à qui vous a invité.",),
        ),
        "taken": Words(
            "Cette adresse est déjà utilisée",
            ("Rien n'a changé. Demandez à {tenant} qui a votre adresse {address}.",),
        ),
        "needed": Words(
            "On a besoin de vous là où vous êtes",
            (
                "Rien n'a changé : vous êtes le dernier super-administrateur là où votre adresse {address} était "
                "utilisée jusqu'ici. Nommez-en un autre là-bas, puis rouvrez votre lien.",
            ),
        ),
        "stale": Words(
            "Cette page est restée ouverte trop longtemps",
            ("Rien n'a changé. Rouvrez votre lien et répondez-y ; la page a besoin de cookies pour cela.",),
        ),
        "trouble": Words(
            "Cela n'a pas fonctionné",
            ("Rouvrez votre lien dans un instant : il montre si votre réponse est arrivée.",),
        ),
    },
}
"""Every moment in every language."""
