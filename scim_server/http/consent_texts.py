"""What the consent page says, in each language it can say it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scim_server.domain.tenants import SCIM_READ, SCIM_WRITE

Trouble = Literal["unknown_client", "unknown_address", "trouble"]
Problem = Literal["disproved", "beyond", "too_often", "undecided", "stale"]


@dataclass(frozen=True, slots=True)
class Texts:
    """The page in one language. Braces hold what is filled in."""

    title: str
    intro: str
    client: str
    connection: str
    tenant: str
    may: str
    scopes: Mapping[str, str]
    other_scope: str
    grants: str
    seats: str
    seat: str
    no_seats: str
    until: str
    lasts: str
    sent_to: str
    proof: str
    proof_help: str
    unproved: str
    allow: str
    refuse: str
    going_back: str
    go_back: str
    problems: Mapping[Problem, str]
    troubles: Mapping[Trouble, tuple[str, str]]


TEXTS: Mapping[str, Texts] = {
    "en": Texts(
        title="{client} wants access to {tenant}",
        intro="Allow it only if you are just connecting this application yourself.",
        client="Application",
        connection="Acts as connection",
        tenant="Tenant",
        may="It may",
        scopes={
            SCIM_READ: "read people and groups, with all their attributes",
            SCIM_WRITE: "add, change, suspend and delete people and groups",
        },
        other_scope="use the admin API: {scope}",
        grants="give people roles up to {role}",
        seats="Seats it can use up",
        seat="{product}: {free} of {seats} free",
        no_seats="none",
        until="Until",
        lasts="you revoke it, or it goes unused for {days} days",
        sent_to="You return to",
        proof="API token or approval code",
        proof_help=(
            "A token of the admin API of {tenant} with the scope connections.write, or the code that "
            "“scim-server oauth approve” printed. It is not kept."
        ),
        unproved=(
            "This application sends no challenge (PKCE), so this server cannot tell that the answer gets back to the "
            "window it was asked for in. Allow it only if you opened this page from the application yourself, just now."
        ),
        allow="Allow",
        refuse="Refuse",
        going_back="Going back to {host}",
        go_back="Continue to {host}",
        problems={
            "disproved": (
                "This is no live token of the admin API of this tenant, and no live approval code for this application."
            ),
            "beyond": "Your token permits less than the application would get. Ask somebody whose token permits more.",
            "too_often": "Too many wrong attempts. Try again in ten minutes.",
            "undecided": "Press one of the two buttons.",
            "stale": "This page was open for too long, or your browser keeps no cookies. Enter it again.",
        },
        troubles={
            "unknown_client": (
                "This application is not known here",
                "Its client id is wrong, was revoked, or belongs to another tenant. Nobody was told, and nothing was "
                "changed. Check the address and the client id that you set it up with.",
            ),
            "unknown_address": (
                "This application sends you to the wrong place",
                "The address to return to is none of those that are registered for it, to the letter. Nobody was "
                "told, and nothing was changed. Add the address to the client if it is the right one.",
            ),
            "trouble": ("This did not work just now", "Nothing was changed. Try again in a moment."),
        },
    ),
    "fr": Texts(
        title="{client} demande l'accès à {tenant}",
        intro="N'acceptez que si vous êtes en train de connecter vous-même cette application.",
        client="Application",
        connection="Agit comme connexion",
        tenant="Organisation",
        may="Elle pourra",
        scopes={
            SCIM_READ: "lire les personnes et les groupes, avec tous leurs attributs",
            SCIM_WRITE: "ajouter, modifier, suspendre et supprimer des personnes et des groupes",
        },
        other_scope="utiliser l'API d'administration : {scope}",
        grants="donner aux personnes des rôles jusqu'à {role}",
        seats="Places qu'elle peut consommer",
        seat="{product} : {free} libres sur {seats}",
        no_seats="aucune",
        until="Jusqu'à",
        lasts="révocation, ou {days} jours sans utilisation",
        sent_to="Vous retournez à",
        proof="Jeton d'API ou code d'approbation",
        proof_help=(
            "Un jeton de l'API d'administration de {tenant} avec la portée connections.write, ou le code affiché par "
            "« scim-server oauth approve ». Il n'est pas conservé."
        ),
        unproved=(
            "Cette application n'envoie pas de défi (PKCE) : ce serveur ne peut donc pas savoir si la réponse revient "
            "à la fenêtre qui l'a demandée. N'acceptez que si vous venez vous-même d'ouvrir cette page depuis "
            "l'application."
        ),
        allow="Autoriser",
        refuse="Refuser",
        going_back="Retour à {host}",
        go_back="Continuer vers {host}",
        problems={
            "disproved": (
                "Ce n'est ni un jeton valide de l'API d'administration de cette organisation, ni un code d'approbation "
                "valide pour cette application."
            ),
            "beyond": "Votre jeton permet moins que ce que l'application obtiendrait. Demandez à qui peut davantage.",
            "too_often": "Trop d'essais erronés. Réessayez dans dix minutes.",
            "undecided": "Appuyez sur l'un des deux boutons.",
            "stale": (
                "Cette page est restée ouverte trop longtemps, ou votre navigateur refuse les cookies. Saisissez à "
                "nouveau le jeton ou le code."
            ),
        },
        troubles={
            "unknown_client": (
                "Cette application n'est pas connue ici",
                "Son identifiant est faux, révoqué, ou appartient à une autre organisation. Personne n'a été prévenu "
                "et rien n'a changé. Vérifiez l'adresse et l'identifiant avec lesquels vous l'avez configurée.",
            ),
            "unknown_address": (
                "Cette application vous envoie au mauvais endroit",
                "L'adresse de retour n'est aucune de celles enregistrées pour elle, à la lettre. Personne n'a été "
                "prévenu et rien n'a changé. Ajoutez l'adresse si c'est la bonne.",
            ),
            "trouble": ("Cela n'a pas fonctionné", "Rien n'a changé. Réessayez dans un instant."),
        },
    ),
}
