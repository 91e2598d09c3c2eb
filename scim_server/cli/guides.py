"""How a real identity provider is connected, at a terminal: what goes into which box."""

from collections.abc import Mapping

from scim_server.services.guides import BASE, GUIDES, TOKEN, Box, Way

SHOWN = ("okta", "entra")
"""The identity providers that the quickstart makes connections of."""


def connecting(base: str, api: str, link: str, tokens: Mapping[str, str], revoked: int, tenant: str) -> str:
    """The base address, the tokens, and where they go in each identity provider; where console and admin API are."""
    parts = [f"\nSCIM base address   {base}"]
    parts += [f"Token of {name:10} {token}" for name, token in tokens.items()]
    parts.append(
        "\nThese tokens are for trying things out: they are shown this once, live 7 days, and the next quickstart "
        "replaces them" + (f", as this one revoked {revoked} of an earlier run." if revoked else ".")
    )
    parts.append(f"One that stays: scim-server token issue {tenant}/okta")
    parts += [_guide(name, base) for name in SHOWN]
    parts.append(f"\nConsole             {link}")
    parts.append("The link signs the operator in, once, for ten minutes. Another: scim-server console login-link")
    parts.append(f"\nAdmin API           {api}/docs")
    parts.append(f"A token for it: scim-server token issue {tenant} --api trying-it --all-scopes")
    if base.startswith("http://"):
        parts.append(
            "\nAn identity provider in the cloud must reach this server over https: put a tunnel or a proxy with TLS "
            "before it and set SCIM_PUBLIC_URL to that address."
        )
    return "\n".join(parts)


def _guide(name: str, base: str) -> str:
    guide = GUIDES[name]
    boxes = guide.boxes(Way.TOKEN, {BASE: base, TOKEN: f"the token of {name} above"})
    boxes += [Box(f"then, {box.name}", box.holds) for box in guide.then]
    width = max(len(box.name) for box in boxes)
    return "\n".join([f"\n{guide.title}: {guide.screen}", *(f"  {box.name:{width}}  {box.holds}" for box in boxes)])
