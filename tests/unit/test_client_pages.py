"""The pages in docs/ lead somewhere: their links to files, and the clients and flows that they tell to replay."""

import re
from pathlib import Path

import pytest
from scim_conformance.flows import available

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
PROVIDERS = {"authentik", "entra", "google", "jumpcloud", "keycloak", "okta", "onelogin", "ping", "sailpoint"}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())


def test_every_identity_provider_has_a_page_and_the_index_names_it() -> None:
    assert {page.stem for page in (DOCS / "clients").iterdir()} == PROVIDERS
    index = (DOCS / "connecting.md").read_text(encoding="utf-8")
    assert all(f"(clients/{provider}.md)" in index for provider in PROVIDERS)


@each_page
def test_relative_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\((?!https:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).is_file(), target


@each_page
def test_clients_to_replay_exist(page: Path) -> None:
    clients = {name.partition("/")[0] for name in available()}
    assert set(re.findall(r"--client ([a-z-]+)", page.read_text(encoding="utf-8"))) <= clients


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_traffic_files_of_a_habits_table_exist(provider: str) -> None:
    text = (DOCS / "clients" / f"{provider}.md").read_text(encoding="utf-8")
    flows = {name.partition("/")[2] for name in available()}
    clients = {name.partition("/")[0] for name in available()}
    habits = text.partition("## Habits")[2].partition("##")[0]
    rows = [row for row in re.findall(r"^\| [\d, ]+ \|.*$", habits, re.MULTILINE) if row.count("|") == 4]
    for row in rows:
        named = set(re.findall(r"`([a-z0-9-]+)`", row.split("|")[3]))
        assert named <= flows | clients, row
