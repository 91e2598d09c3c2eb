"""`scim-server schema`: the schema files of this installation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from scim_server.cli.failures import Refused
from scim_server.cli.outputs import json_option, listing, print_json
from scim_server.config import load_settings
from scim_server.protocol.folders import BadSchemas, load_registries
from scim_server.protocol.registry import Registries, Registry

COLUMNS = {
    "Tenant": "tenant",
    "Resource type": "resourceType",
    "Endpoint": "endpoint",
    "Schema": "schema",
    "Extensions": "extensions",
}


@click.group("schema")
def schemas() -> None:
    """Schemas as data: what the files in SCIM_SCHEMAS_DIR add to users and groups."""


@schemas.command("check")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
def check(folder: Path | None, as_json: bool) -> None:
    """Say what FOLDER would serve, or the first fault of each of its files.

    FOLDER is SCIM_SCHEMAS_DIR where it is left out. No database is asked.
    """
    chosen = folder or load_settings().schemas_dir
    try:
        registries = load_registries(chosen)
    except BadSchemas as bad:
        _complain(bad, as_json=as_json)
        raise Refused(f"The schemas cannot be served: {_number(len(bad.faults))}.") from bad
    listing(list(_served(registries)), COLUMNS, "", as_json=as_json)
    unused = _unused(registries)
    if unused and not as_json:
        click.echo("No resource type uses " + ", ".join(unused) + ".")


def _complain(bad: BadSchemas, *, as_json: bool) -> None:
    if as_json:
        print_json({"faults": bad.faults})
        return
    for fault in bad.faults:
        click.echo(fault)


def _number(faults: int) -> str:
    return "one file has a fault" if faults == 1 else f"{faults} files have faults"


def _served(registries: Registries) -> Iterator[dict[str, Any]]:
    """The resource types of all tenants, then those that differ for one of them."""
    for slug, registry in [(None, registries.shared), *registries.own.items()]:
        for kind in registry.resource_types.values():
            if slug is not None and registries.shared.resource_types.get(kind.name) is kind:
                continue
            yield {
                "tenant": slug,
                "resourceType": kind.name,
                "endpoint": kind.endpoint,
                "schema": kind.schema.urn,
                "extensions": [extension.schema.urn for extension in kind.extensions if extension.listed],
            }


def _unused(registries: Registries) -> list[str]:
    """The schemas that were added for nothing."""
    all_of_them = (registries.shared, *registries.own.values())
    used = {urn for registry in all_of_them for urn in _used(registry)}
    added = {urn for registry in all_of_them for urn in _added(registry)}
    return sorted(added - used)


def _added(registry: Registry) -> Iterator[str]:
    shipped = load_registries(None).shared.schemas
    yield from (schema.urn for urn, schema in registry.schemas.items() if urn not in shipped)


def _used(registry: Registry) -> Iterator[str]:
    for kind in registry.resource_types.values():
        yield kind.schema.urn
        yield from (extension.schema.urn for extension in kind.extensions)
