"""Connections in the console: the wizard that makes one, its page, its terms, its tokens."""

import re
from datetime import timedelta

import pytest

from scim_server.domain.tenants import IDPS, Tenant
from scim_server.services import connecting, connections_seen, guides, registering, tenancy, tokens, trusting
from scim_server.services.token_entries import SoughtTokens, TokenEntry
from tests.console import visitors
from tests.console.visitors import Visitor, text_of
from tests.http.test_statements import counting
from tests.worlds import CAUSE, Connection, World

BASE = "https://seats.example.com/scim/acme/v2"


def id_of(world: World, acme: Tenant, name: str) -> str:
    return connecting.connection(world.units, acme, name).id


def tokens_of(world: World, acme: Tenant, name: str) -> list[TokenEntry]:
    return tokens.tokens_of_connection(world.units, acme, name, SoughtTokens())


def shown_token(text: str) -> str:
    found = re.search(r"scim_[0-9A-Za-z]{22}_[0-9A-Za-z]+", text)
    assert found, text
    return found[0]


def through(world: World, token: str) -> Connection:
    return Connection(world.app.test_client(), "acme", token, "new")


def test_every_identity_provider_has_a_guide_that_names_the_address_and_what_proves_it() -> None:
    assert tuple(guides.GUIDES) == IDPS
    for guide in guides.GUIDES.values():
        assert guides.Way.TOKEN in guide.ways
        for way, boxes in guide.ways.items():
            held = {box.holds for box in boxes}
            assert guides.BASE in held
            proof = {guides.Way.TOKEN: {guides.TOKEN}, guides.Way.CLIENT: {guides.CLIENT_ID, guides.SECRET}}
            assert proof.get(way, set()) <= held
            assert {each for each in held if each.startswith("{")} <= guides.TEXTS


def test_the_wizard_leads_from_a_name_to_the_first_request(world: World, acme: Tenant, ana: Visitor) -> None:
    assert "Microsoft Entra ID" in ana.see("/connections/new")
    terms = {"name": "directory", "max_role": "manager", "networks": "127.0.0.0/8\n10.0.0.0/8", "creator_only": "yes"}
    said = ana.done("/connections/new/entra", manages_entitlements="yes", **terms)
    assert "the token, which is made here" in said
    made = connecting.connection(world.units, acme, "directory")
    assert (made.idp, made.max_role, made.manages_entitlements) == ("entra", "manager", "yes")
    assert (made.networks, made.creator_only) == (("127.0.0.0/8", "10.0.0.0/8"), True)
    issued = ana.submit(f"/connections/{made.id}/token", days="30")
    assert issued.status_code == 200
    text = text_of(issued)
    token = shown_token(text)
    assert f"Tenant URL {BASE}" in text
    assert f"Secret Token {token}" in text
    assert token not in ana.see(f"/connections/{made.id}/token"), "it is shown once"
    waiting = re.search(r'href="([^"]*/waiting[^"]*)"', issued.text)
    assert waiting
    since = waiting[1].partition("since=")[2]
    assert "Waiting for the first request" in ana.see(f"/connections/{made.id}/waiting", since=since)
    idp = through(world, token)
    assert idp.get("/Users?filter=nonsense").status_code == 400
    world.installation.log.flush()
    refused = ana.see(f"/connections/{made.id}/waiting", since=since)
    assert "was refused" in refused
    assert "invalidFilter" in refused or "nonsense" in refused
    idp.get("/Users?startIndex=1&count=2")
    world.installation.log.flush()
    assert "It works" in ana.see(f"/connections/{made.id}/waiting", since=since)


def test_the_page_that_waits_asks_for_its_part_until_something_came(
    world: World, acme: Tenant, ana: Visitor, okta: Connection
) -> None:
    path = f"/connections/{id_of(world, acme, 'okta')}/waiting"
    world.installation.log.flush()
    since = world.units.now()
    page = ana.get(path, since=since)
    assert 'hx-trigger="every 2s"' in page.text
    part = ana.browser.get(ana.address(path), query_string={"since": since}, headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<div id="arrivals"')
    okta.get("/Users")
    world.installation.log.flush()
    assert "every 2s" not in ana.get(path, since=since).text
    assert ana.get(path, since="nonsense").status_code == 400


def test_what_a_form_gets_wrong_is_said_and_kept(world: World, acme: Tenant, ana: Visitor) -> None:
    said = ana.refused("/connections/new/okta", name="okta", networks="10.0.0.1/8")
    assert "10.0.0.1/8" in said
    world.connect(acme, "taken")
    answer = ana.submit("/connections/new/okta", name="taken", max_role="member")
    assert answer.status_code == 409
    assert 'value="taken"' in answer.text
    assert "cannot be connected that way" in ana.refused("/connections/new/okta", name="new", way="issuer")
    assert ana.get("/connections/new/nobody").status_code == 404


def test_the_list_says_how_each_stands(world: World, acme: Tenant, ana: Visitor, okta: Connection) -> None:
    world.installation.log.flush()
    tenancy.create_connection(
        world.units, acme, CAUSE, "idle", idp="ping", manages_entitlements="no", max_role="member"
    )
    said = ana.see("/connections")
    assert "okta" in said
    assert "1 request" in said
    assert "it cannot come in" in said
    exported = ana.get("/connections.csv")
    assert exported.text.splitlines()[2].startswith("okta,generic,")
    assert "1 person, 0 groups" in ana.get(f"/connections/{id_of(world, acme, 'okta')}/managed").text


def test_the_list_costs_as_much_for_many_as_for_one(world: World, acme: Tenant, ana: Visitor, okta: Connection) -> None:
    counts = []
    for number in range(2):
        with counting(world) as count:
            ana.see("/connections")
        counts.append(int(count))
        world.connect(acme, f"more-{number}")
    assert counts[0] == counts[1]


def test_terms_are_changed_and_taken_back(world: World, acme: Tenant, ana: Visitor, okta: Connection) -> None:
    world.installation.log.flush()
    path = f"/connections/{id_of(world, acme, 'okta')}"
    assert "is changed" in ana.done(f"{path}/edit", name="okta-2", networks="10.0.0.0/8", accepts_raw="yes")
    changed = connecting.connection(world.units, acme, "okta-2")
    assert (changed.networks, changed.accepts_raw, changed.accepts_basic) == (("10.0.0.0/8",), True, False)
    assert "10.0.0.0/8" in ana.see(path)
    page = ana.get(path)
    log = re.search(r'href="([^"]*/log[^"]*)"', page.text)
    assert log
    assert "POST" in ana.see(log[1])
    assert "no choice" in ana.refused(f"{path}/edit", max_role="emperor")


def test_a_connection_is_removed_once_it_is_said_whose_its_people_are(
    world: World, acme: Tenant, ana: Visitor, okta: Connection
) -> None:
    world.connect(acme, "spare")
    okta.create_group("Sales", okta.create_user("zoe")["id"])
    managed = connections_seen.managed(world.units, acme, "okta")
    path = f"/connections/{id_of(world, acme, 'okta')}"
    assert f"{path}/remove" in ana.get(path).text
    shown = ana.see(f"{path}/remove")
    assert "1 token" in shown
    assert f"{managed.people} people, 1 group" in shown
    assert "manages people (" in text_of(ana.submit(f"{path}/remove"))
    assert "is removed" in ana.done(f"{path}/remove", fate=id_of(world, acme, "spare"))
    assert okta.get("/Users").status_code == 401
    assert connections_seen.managed(world.units, acme, "spare") == managed
    assert ana.get(path).status_code == ana.get(f"{path}/remove").status_code == 404
    spare = f"/connections/{id_of(world, acme, 'spare')}"
    assert "Nobody but admins" in ana.see(f"{spare}/remove")
    assert "No identity provider is connected" in ana.done(f"{spare}/remove", fate="-")
    trail = ana.see("/audit")
    assert "left to be managed by hand" in trail
    assert "connection okta" in trail


def test_one_that_manages_nothing_is_removed_without_a_choice(world: World, acme: Tenant, ana: Visitor) -> None:
    world.connect(acme, "spare")
    path = f"/connections/{id_of(world, acme, 'spare')}"
    page = ana.get(f"{path}/remove")
    assert 'name="fate"' not in page.text
    assert "is removed" in ana.done(f"{path}/remove")


def test_a_token_is_replaced_and_the_old_one_works_on(
    world: World, acme: Tenant, ana: Visitor, okta: Connection
) -> None:
    path = f"/connections/{id_of(world, acme, 'okta')}"
    answer = ana.submit(f"{path}/rotate", overlap="3", days="90")
    new = shown_token(text_of(answer))
    assert okta.get("/Users").status_code == through(world, new).get("/Users").status_code == 200
    before, after = tokens_of(world, acme, "okta")
    assert [line.split(",")[1] for line in ana.get(f"{path}/tokens.csv").text.splitlines()] == ["state", "live", "live"]
    assert before.expires[:10] == str((world.installation.units.clock() + timedelta(days=3)).date())
    assert after.state == "live"
    assert "from 1 to 3650" in ana.refused(f"{path}/rotate", overlap="0")
    assert ana.get(f"{path}/token").status_code == 200
    assert "live tokens already" in ana.refused(f"{path}/token")


def test_the_last_token_is_revoked_with_a_warning(world: World, acme: Tenant, ana: Visitor, okta: Connection) -> None:
    path = f"/connections/{id_of(world, acme, 'okta')}"
    (token,) = tokens_of(world, acme, "okta")
    assert "last live token" in ana.see(f"{path}/tokens/{token.id}/revoke")
    assert "opens nothing any more" in ana.done(f"{path}/tokens/{token.id}/revoke")
    assert okta.get("/Users").status_code == 401
    assert "nothing comes in" in ana.see(path)
    assert ana.get(f"{path}/tokens/{token.id}/revoke").status_code == 404


def test_a_token_may_be_good_for_reading_alone(world: World, acme: Tenant, ana: Visitor) -> None:
    ana.done("/connections/new/generic", name="reader")
    path = f"/connections/{id_of(world, acme, 'reader')}/token"
    token = shown_token(text_of(ana.submit(path, scope="scim:read")))
    assert through(world, token).get("/Users").status_code == 200
    assert through(world, token).post("/Users", {}).status_code == 403
    assert "at least one scope" in ana.refused(path, scope=[])


def test_a_client_is_registered_with_its_secret_and_revoked(world: World, acme: Tenant, ana: Visitor) -> None:
    ana.done("/connections/new/entra", name="entra", way="client")
    path = f"/connections/{id_of(world, acme, 'entra')}"
    shown = text_of(ana.submit(f"{path}/client", days="30"))
    (client,) = (each.client for each in registering.registrations(world.units, acme))
    assert "Token endpoint https://seats.example.com/oauth/acme/token" in shown
    assert f"Client identifier {client.id}" in shown
    assert (client.method.value, client.token_seconds) == ("client_secret_post", 7200)
    secret = re.search(r"Client secret (scimcs_\S+)", shown)
    assert secret
    answer = world.app.test_client().post(
        "/oauth/acme/token",
        data={"grant_type": "client_credentials", "client_id": client.id, "client_secret": secret[1], "scope": "scim"},
    )
    assert through(world, answer.json["access_token"]).get("/Users").status_code == 200
    page = f"{path}/clients/{client.id}"
    assert "scimcs_" in text_of(ana.submit(f"{page}/secret", days="30"))
    listed = ana.get(page).text
    secrets = re.findall(r"/secrets/([0-9A-Za-z]+)/revoke", listed)
    assert len(secrets) == 2
    assert "opens nothing any more" in ana.done(f"{page}/secrets/{secrets[0]}/revoke")
    assert "no redirect address" in ana.refused(f"{page}/approval")
    assert "is revoked" in ana.done(f"{page}/revoke")
    assert through(world, answer.json["access_token"]).get("/Users").status_code == 401


def test_a_client_that_asks_somebody_gets_an_approval_code(world: World, acme: Tenant, ana: Visitor) -> None:
    ana.done("/connections/new/okta", name="okta-oauth", way="client")
    path = f"/connections/{id_of(world, acme, 'okta-oauth')}"
    shown = ana.submit(f"{path}/client", redirect_uris="https://system-admin.okta.com/back", name="okta")
    assert "approval code" in text_of(shown)
    (client,) = (each.client for each in registering.registrations(world.units, acme))
    assert client.redirect_uris == ("https://system-admin.okta.com/back",)
    assert "good once" in text_of(ana.submit(f"{path}/clients/{client.id}/approval"))


def test_an_issuer_is_trusted_and_trusted_no_more(world: World, acme: Tenant, ana: Visitor) -> None:
    ana.done("/connections/new/entra", name="entra", way="issuer")
    path = f"/connections/{id_of(world, acme, 'entra')}"
    assert "is no id of Entra's" in ana.refused(f"{path}/issuer", directory="acme").replace("&#39;", "'")
    assert "Waiting" in ana.done(f"{path}/issuer", directory="12345678-1234-1234-1234-123456789012")
    (trust,) = trusting.issuers(world.units, acme)
    assert trust.issuer.issuer == "https://sts.windows.net/12345678-1234-1234-1234-123456789012/"
    assert trust.issuer.issuer in ana.see(path)
    assert "trusted no more" in ana.done(f"{path}/issuers/{trust.issuer.id}/remove")
    assert trusting.issuers(world.units, acme) == []


def test_another_issuer_is_trusted_by_its_subject(world: World, acme: Tenant, ana: Visitor) -> None:
    ana.done("/connections/new/generic", name="own", way="issuer")
    path = f"/connections/{id_of(world, acme, 'own')}/issuer"
    ana.done(path, issuer="https://idp.example.com", audience="scim", subject="provisioning")
    (trust,) = trusting.issuers(world.units, acme)
    assert (trust.issuer.audience, trust.issuer.subject) == ("scim", "provisioning")


def test_nobody_opens_a_connection_beyond_themselves(
    world: World, acme: Tenant, ana: Visitor, okta: Connection
) -> None:
    okta.create_user("ben@example.com")
    admin = visitors.person(world, acme, "ben@example.com", "admin")
    assert "super_admin" in admin.refused("/connections/new/okta", name="high", max_role="super_admin")
    okta.create_user("cleo@example.com")
    manager = visitors.person(world, acme, "cleo@example.com", "manager")
    assert manager.get("/connections").status_code == 403


@pytest.mark.parametrize("page", ["token", "client", "issuer", "waiting", "edit", "rotate", "doctor"])
def test_a_connection_of_another_tenant_is_not_there(world: World, ana: Visitor, page: str) -> None:
    world.connect(world.tenant("globex"), "theirs")
    other = tenancy.tenant(world.units, "globex")
    assert ana.get(f"/connections/{id_of(world, other, 'theirs')}/{page}").status_code == 404


def test_what_others_wrote_stays_text(world: World, acme: Tenant, ana: Visitor) -> None:
    name = '<img src=x onerror=alert(1)>"'
    connection = world.connect(acme, name)
    connection.get(f"/Users?filter={name}")
    world.installation.log.flush()
    path = f"/connections/{id_of(world, acme, name)}"
    client = registering.register_client(world.units, acme, CAUSE, name, scopes=["scim"], connection=name)
    subject = trusting.Terms("https://idp.example.com", name, name, {name: name})
    trusting.trust_issuer(world.units, acme, CAUSE, name, "idp", subject)
    since = acme.created
    pages = ["/connections", path, *(f"{path}/{page}" for page in ("token", "client", "edit", "rotate", "doctor"))]
    answers = [ana.get(page) for page in (*pages, f"{path}/clients/{client.client.id}")]
    answers += [ana.get(f"{path}/waiting", since=since), ana.submit(f"{path}/doctor")]
    for answer in answers:
        assert answer.status_code == 200
        assert "<img" not in answer.text
        assert "&lt;img" in answer.text


def test_what_another_connection_comes_in_with_is_not_there(world: World, acme: Tenant, ana: Visitor) -> None:
    ana.done("/connections/new/entra", name="entra", way="issuer")
    ana.done(f"/connections/{id_of(world, acme, 'entra')}/issuer", directory="12345678-1234-1234-1234-123456789012")
    ana.done("/connections/new/okta", name="other", way="client")
    ana.submit(f"/connections/{id_of(world, acme, 'other')}/client", name="okta", days="30")
    ((client,), (trust,)) = registering.registrations(world.units, acme), trusting.issuers(world.units, acme)
    strange = f"/connections/{id_of(world, acme, 'okta')}"
    for page in (
        f"clients/{client.client.id}",
        f"clients/{client.client.id}/revoke",
        f"issuers/{trust.issuer.id}/remove",
    ):
        assert ana.get(f"{strange}/{page}").status_code == 404
    assert ana.get(f"/connections/{id_of(world, acme, 'other')}/clients/{client.client.id}").status_code == 200
