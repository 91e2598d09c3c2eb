"""How a real identity provider is connected: what goes into which box. The long form is docs/connecting.md."""

from collections.abc import Mapping, Sequence

BASE, TOKEN = "{base}", "the token of {name} above"
GUIDES: Mapping[str, tuple[str, Sequence[tuple[str, str]]]] = {
    "okta": (
        "Okta: an application with SCIM provisioning, tab Provisioning, Integration",
        (
            ("SCIM connector base URL", BASE),
            ("Unique identifier field for users", "userName"),
            ("Supported provisioning actions", "Push New Users, Push Profile Updates, Push Groups"),
            ("Authentication Mode", "HTTP Header"),
            ("Authorization: Bearer", TOKEN),
            ("then, tab Provisioning, To App", "enable Create Users, Update User Attributes, Deactivate Users"),
            ("then, tab Push Groups", "push the groups that rules name"),
        ),
    ),
    "entra": (
        "Microsoft Entra: Enterprise applications, a non-gallery application, Provisioning, Automatic",
        (
            ("Tenant URL", BASE),
            ("Secret Token", TOKEN),
            ("then", "Test Connection, Save"),
            ("then, Users and groups", "assign the people and groups to provision"),
            ("then, Provisioning Status", "On"),
        ),
    ),
}


def connecting(base: str, api: str, link: str, tokens: Mapping[str, str], revoked: int, tenant: str) -> str:
    """The base address, the tokens, and where they go in each identity provider; where console and admin API are."""
    parts = [f"\nSCIM base address   {base}"]
    parts += [f"Token of {name:10} {token}" for name, token in tokens.items()]
    parts.append(
        "\nThese tokens are for trying things out: they are shown this once, live 7 days, and the next quickstart "
        "replaces them" + (f", as this one revoked {revoked} of an earlier run." if revoked else ".")
    )
    parts.append(f"One that stays: scim-server token issue {tenant}/okta")
    parts += [_guide(title, boxes, base, name) for name, (title, boxes) in GUIDES.items()]
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


def _guide(title: str, boxes: Sequence[tuple[str, str]], base: str, name: str) -> str:
    width = max(len(box) for box, _ in boxes)
    lines = [f"  {box:{width}}  {what.format(base=base, name=name)}" for box, what in boxes]
    return "\n".join([f"\n{title}", *lines])
