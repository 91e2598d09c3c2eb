"""`scim-server metrics`: which there are. They are read where SCIM_METRICS_BIND or SCIM_METRICS_TOKEN says."""

import click

from scim_server.cli.outputs import json_option, listing
from scim_server.telemetry import catalogue

COLUMNS = {"Metric": "name", "Kind": "kind", "Labels": "labels", "Says": "says"}


@click.group("metrics")
def metrics() -> None:
    """Metrics for Prometheus: which there are and what they say."""


@metrics.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every metric with its labels."""
    rows = [
        {"name": each.name, "kind": each.kind.value, "labels": list(each.labels), "says": each.help}
        for each in catalogue.ALL
    ]
    listing(rows, COLUMNS, "There is no metric.", as_json=as_json)


@metrics.command("table")
def table() -> None:
    """The table of docs/observability.md."""
    click.echo(catalogue.table())
