"""/users/{user}/explanation: the chain as data, the same as the command line prints."""

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World


def test_the_chain_as_data(api: Caller, cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 1)
    rule = world.rule(acme, "Sales", "webinar")
    lacking = world.rule(acme, "Trainers", "training")
    ana, ben = (okta.create_user(name)["id"] for name in ("ana", "ben"))
    emea = okta.create_group("Sales EMEA", ana)["id"]
    sales = okta.create_group("Sales", emea)["id"]
    okta.patch(f"/Groups/{emea}", {"op": "add", "path": "members", "value": [{"value": ben}]})
    request = next(entry for entry in world.trail(acme) if entry.object_id == sales)
    account = api.done("GET", "~/users/ana/explanation")
    assert account == cli.json("explain", "acme", "ana")
    assert (account["userId"], account["userName"]) == (ana, "ana")
    meeting, webinar = account["products"]
    assert (meeting["product"], meeting["outcome"], meeting["coveredBy"]) == ("meeting", "covered", ["webinar"])
    assert (webinar["product"], webinar["outcome"], webinar["seat"]["state"]) == ("webinar", "assigned", "assigned")
    assert webinar["began"] == {
        "at": webinar["seat"]["since"],
        "actor": request.actor,
        "who": "connection 'okta'",
        "requestId": request.request_id,
        "cause": "create Group",
    }
    (reason,) = webinar["reasons"]
    assert reason == meeting["reasons"][0]
    assert (reason["source"], reason["rule"]["id"], reason["rule"]["group"]) == (f"rule:{rule.id}", rule.id, "Sales")
    assert [(step["id"], step["displayName"]) for step in reason["path"]] == [(emea, "Sales EMEA"), (sales, "Sales")]
    assert reason["path"][1]["joined"]["requestId"] == request.request_id
    assert webinar["sentences"][0].startswith("'ana' has a seat of 'webinar', since ")
    (waiting,) = api.done("GET", "~/users/ben/explanation?product=WEBINAR")["products"]
    assert waiting["queue"] == {"place": 1, "length": 1, "needed": 1}
    assert [each["obstacle"] for each in waiting["hindrances"]] == ["no_seat"]
    assert (waiting["subscription"]["seats"], waiting["subscription"]["policy"]) == (1, "wait")
    (training,) = api.done("GET", f"~/users/{ben}/explanation?product=training")["products"]
    assert (training["outcome"], training["seat"], training["subscription"]) == ("none", None, None)
    assert [(each["rule"]["id"], each["lack"]) for each in training["unmet"]] == [(lacking.id, "group_missing")]


def test_what_cannot_be_explained(api: Caller, okta: Connection) -> None:
    okta.create_user("ana")
    assert "no user 'eva'" in api.refused(404, "GET", "~/users/eva/explanation")["detail"]
    assert "no product 'zoom'" in api.refused(404, "GET", "~/users/ana/explanation?product=zoom")["detail"]
    assert api.refused(422, "GET", "~/users/ana/explanation?colour=red")["errors"][0]["parameter"] == "colour"
