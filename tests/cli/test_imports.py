"""People from CSV files by the command line: checked, carried out, gone on with, handed back; and written to one."""

import csv
import io
from pathlib import Path

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import import_runs
from tests.cli.commands import CommandLine, at_terminal
from tests.worlds import Connection, World

HEADER = "email,first_name,last_name,products,role,groups,language"


def write(text: str | bytes, name: str = "people.csv") -> str:
    """A file in the test's folder."""
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def verdicts(cli: CommandLine, job: str) -> list[tuple[str, str | None]]:
    """What became of each row of an import, and why."""
    return [(row["verdict"], row["reason"]) for row in cli.json("import", "show", "acme", job, "--rows")]


@pytest.fixture
def stocked(cli: CommandLine, world: World, acme: Tenant) -> CommandLine:
    """acme with five seats of meeting, one of webinar and a group Sales."""
    world.buy(acme, "meeting", 5)
    world.buy(acme, "webinar", 1)
    cli.done("group", "create", "acme", "Sales")
    return cli


def test_people_are_added_with_all_that_their_rows_say(stocked: CommandLine) -> None:
    file = write(f"{HEADER}\r\nana@x.test,Ana,Silva,meeting|webinar,manager,Sales,pt-BR\r\nbo@x.test,,,,,,\r\n")
    job = stocked.json("import", "run", "acme", file)
    assert (job["state"], job["counts"]["create"], job["done"]) == ("done", 2, 2)
    ana, bo = stocked.json("user", "list", "acme")
    assert (ana["userName"], ana["displayName"]) == ("ana@x.test", "Ana Silva")
    assert {(seat["product"], seat["state"], seat["source"]) for seat in ana["seats"]} == {
        ("webinar", "assigned", "import")
    }
    assert {(claim["product"], claim["source"]) for claim in ana["claims"]} == {
        ("meeting", "import"),
        ("webinar", "import"),
    }
    assert [(role["role"], role["source"]) for role in ana["roles"]] == [("manager", "direct:admin")]
    assert (bo["displayName"], bo["seats"], bo["status"]) == (None, [], "unassigned")
    exported = stocked.done("export", "people", "acme").out
    assert stocked.json("audit", "compare", "acme")["differences"] == []
    assert exported == (f"{HEADER}\r\nana@x.test,Ana,Silva,meeting|webinar,manager,Sales,pt-BR\r\nbo@x.test,,,,,,\r\n")


def test_what_was_exported_changes_nothing(stocked: CommandLine) -> None:
    stocked.done("group", "create", "acme", "North; South, | all")
    stocked.done(
        "import",
        "run",
        "acme",
        write(
            f'{HEADER}\nana@x.test,\'=Ana,"O\'Neil, ""Jr""",meeting,,"North; South, \\| all|",de\n'
            "bo@x.test,'@Bo,Two,webinar,admin|manager,Sales,\n"
        ),
    )
    exported = stocked.done("export", "people", "acme").out
    assert "'=Ana" in exported
    assert stocked.json("user", "show", "acme", "ana@x.test")["displayName"].startswith("=Ana")
    job = stocked.json("import", "check", "acme", write(exported, "again.csv"))
    assert job["counts"] == {**dict.fromkeys(job["counts"], 0), "unchanged": 2}, verdicts(stocked, job["id"])


def test_the_dry_run_says_what_would_become_of_every_row(stocked: CommandLine) -> None:
    stocked.done("user", "add", "acme", "here@x.test", "--first", "Al", "--last", "Here", "--product", "meeting")
    stocked.done("user", "add", "acme", "gone@x.test", "--first", "Ed", "--last", "Gone")
    stocked.done("user", "delete", "acme", "gone@x.test")
    stocked.done("user", "add", "acme", "off@x.test", "--first", "Of", "--last", "Off")
    stocked.done("user", "suspend", "acme", "off@x.test")
    before = stocked.json("user", "list", "acme")
    file = write(
        "Products;E MAIL;First name;role;groups;language\n".replace("E MAIL", "email")
        + "meeting;here@x.test;Al;;;\n"
        + "webinar;here2@x.test;;;Sales;\n"
        + "webinar,meeting;new@x.test;New;;;\n"
        + ";gone@x.test;;;;\n"
        + ";HERE2@x.test;;;;\n"
        + "nothing;a@x.test;;;;\n"
        + ";b@x.test;;;Nobody;\n"
        + ";c@x.test;;emperor;;\n"
        + ";d@x.test;=1+1;;;\n"
        + ";no address;;;;\n"
        + ";e@x.test;;;;not a language\n"
        + ";off@x.test;;manager;;\n"
        + "meeting;off@x.test;;;;\n"
    )
    job = stocked.json("import", "check", "acme", file)
    found = verdicts(stocked, job["id"])
    assert [verdict for verdict, _ in found] == [
        "unchanged",
        "create",
        "create",
        "restore",
        *["conflict"] * 9,
    ]
    reasons = [reason or "" for _, reason in found]
    assert reasons[2] == "no seat of 'webinar' is free: the person waits for one"
    expected = [
        "line 3",
        "'nothing'",
        "'Nobody'",
        "'emperor'",
        "first_name: the cell is a formula",
        "no e-mail address",
        "language:",
        "suspended",
        "line 13",
    ]
    for reason, part in zip(reasons[4:], expected, strict=True):
        assert part in reason
    assert job["counts"] == {
        "create": 2,
        "update": 0,
        "restore": 1,
        "unchanged": 1,
        "pending": 0,
        "conflict": 9,
        "would_wait": 1,
    }
    assert job["seats"] == [
        {"product": "meeting", "needed": 1, "free": 4, "short": 0},
        {"product": "webinar", "needed": 2, "free": 1, "short": 1},
    ]
    assert stocked.json("user", "list", "acme") == before


def test_all_or_nothing_is_nothing_where_one_row_is_refused(stocked: CommandLine) -> None:
    file = write("email,products\nana@x.test,meeting\nbo@x.test,nothing\n")
    assert "so none was" in stocked.failed(1, "import", "run", "acme", file)
    assert stocked.json("user", "list", "acme") == []
    (job,) = stocked.json("import", "list", "acme")
    assert (job["state"], job["done"], job["counts"]["conflict"]) == ("refused", 0, 1)
    rows = list(csv.reader(io.StringIO(stocked.done("import", "errors", "acme", job["id"]).out)))
    assert rows[0] == ["email", "products", "reason"]
    assert rows[1][:2] == ["bo@x.test", "nothing"]
    assert "Known products: meeting, training, webinar" in rows[1][2]


def test_best_effort_does_the_others_and_the_mended_errors_come_in_later(stocked: CommandLine) -> None:
    file = write("email,first_name,products\nana@x.test,=Ana,meeting\nbo@x.test,Bo,meeting\n")
    job = stocked.json("import", "run", "acme", file, "--mode", "best_effort")
    assert (job["state"], job["counts"]["create"], job["counts"]["conflict"]) == ("done", 1, 1)
    stocked.done("import", "errors", "acme", job["id"], "--output", "errors.csv")
    assert "'=Ana" in Path("errors.csv").read_text()
    mended = stocked.json("import", "run", "acme", "errors.csv")
    assert mended["counts"]["create"] == 1
    assert stocked.json("user", "show", "acme", "ana@x.test")["displayName"] == "=Ana"


def test_people_who_are_here_get_more_and_lose_nothing(stocked: CommandLine) -> None:
    stocked.done("import", "run", "acme", write("email,first_name,last_name,products\nana@x.test,Ana,Silva,meeting\n"))
    file = write(f"{HEADER}\nANA@x.test,Anna,,webinar,admin,Sales,de\n")
    job = stocked.json("import", "run", "acme", file)
    assert job["counts"]["update"] == 1
    (ana,) = stocked.json("user", "list", "acme")
    assert ana["displayName"] == "Anna Silva"
    assert {claim["product"] for claim in ana["claims"]} == {"meeting", "webinar"}
    assert [role["role"] for role in ana["roles"]] == ["admin"]
    again = stocked.json("import", "run", "acme", file)
    assert again["counts"]["unchanged"] == 1


def test_whom_an_identity_provider_manages_keeps_their_name(stocked: CommandLine, okta: Connection) -> None:
    okta.create_user("ana@x.test")
    file = write("email,first_name,products\nana@x.test,Other,meeting\n")
    job = stocked.json("import", "run", "acme", file)
    ((verdict, reason),) = verdicts(stocked, job["id"])
    assert (verdict, reason) == ("update", "names and language are as connection 'okta' has them")
    person = stocked.json("user", "show", "acme", "ana@x.test")
    assert person["displayName"] is None
    assert [seat["source"] for seat in person["seats"]] == ["import"]


@pytest.mark.parametrize("mode", ["all_or_nothing", "best_effort"])
def test_who_comes_first_in_the_file_comes_first_in_line(stocked: CommandLine, mode: str) -> None:
    for name in ("old1", "old2"):
        stocked.done("user", "add", "acme", f"{name}@x.test", "--first", "A", "--last", "B")
    names = ["new1", "old2", "new2", "old1", "new3"]
    file = write("email,products\n" + "".join(f"{name}@x.test,webinar\n" for name in names))
    job = stocked.json("import", "run", "acme", file, "--mode", mode)
    assert job["counts"]["would_wait"] == 4
    seats = []
    for bought in range(1, 6):
        stocked.done("subscription", "set", "acme", "webinar", "--seats", str(bought))
        people = stocked.json("user", "list", "acme")
        seats.append(
            {
                person["userName"].partition("@")[0]
                for person in people
                if any(seat["state"] == "assigned" for seat in person["seats"])
            }
        )
    assert seats == [set(names[:count]) for count in range(1, 6)]


def test_a_subscription_that_refuses_makes_a_conflict(stocked: CommandLine) -> None:
    stocked.done("subscription", "set", "acme", "webinar", "--seats", "1", "--policy", "reject")
    file = write("email,products\nana@x.test,webinar\nbo@x.test,webinar\n")
    job = stocked.json("import", "run", "acme", file, "--mode", "best_effort")
    assert [verdict for verdict, _ in verdicts(stocked, job["id"])] == ["create", "conflict"]
    assert "its subscription refuses people" in str(verdicts(stocked, job["id"])[1][1])


def test_a_seat_that_the_dry_run_could_not_foresee_refuses_the_whole(
    stocked: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_runs, "BATCH", 1)
    stocked.done("subscription", "set", "acme", "webinar", "--seats", "1", "--policy", "reject")
    stocked.done("rule", "create", "acme", "--filter", 'preferredLanguage eq "de"', "--product", "webinar")
    file = write("email,language,products\nana@x.test,de,\nbo@x.test,,webinar\n")
    assert "(1 create, 1 conflict)" in stocked.failed(1, "import", "run", "acme", file)
    (job,) = stocked.json("import", "list", "acme")
    assert [verdict for verdict, _ in verdicts(stocked, job["id"])] == ["create", "conflict"]
    assert stocked.json("user", "list", "acme") == []


def test_a_person_is_named_once(stocked: CommandLine, okta: Connection) -> None:
    okta.create_user("ana", emails=[{"value": "ana@x.test"}])
    file = write("email,products\nana,meeting\nana@x.test,webinar\nbo@x.test,\nｂo@x.test,\n")
    job = stocked.json("import", "run", "acme", file, "--mode", "best_effort")
    found = verdicts(stocked, job["id"])
    assert [verdict for verdict, _ in found] == ["update", "conflict", "create", "conflict"]
    assert found[1][1] == "email: line 2 means the same person. Keep one of the two."
    assert found[3][1] == "email: line 4 has the same address. Keep one of the two."


def test_an_address_in_use_elsewhere_waits_with_all_that_the_row_says(stocked: CommandLine) -> None:
    stocked.done("tenant", "create", "other", "--name", "Other")
    stocked.done("user", "add", "other", "ana@x.test", "--first", "A", "--last", "B")
    file = write(f"{HEADER}\nana@x.test,Ana,,meeting,admin,Sales,de\n")
    assert "so none was" in stocked.failed(1, "import", "run", "acme", file)
    job = stocked.json("import", "run", "acme", file, "--mode", "best_effort")
    assert job["counts"]["pending"] == 1
    assert stocked.json("user", "list", "acme") == []
    stocked.done("user", "delete", "other", "ana@x.test", "--yes")
    stocked.done("chores", "run", "retry-adds")
    row = stocked.done("export", "people", "acme").out.splitlines()[1]
    assert row == "ana@x.test,Ana,,meeting,admin,Sales,de"
    assert stocked.json("user", "show", "acme", "ana@x.test")["seats"][0]["source"] == "import"


def test_a_restored_person_has_the_old_id(stocked: CommandLine) -> None:
    stocked.done("user", "add", "acme", "ana@x.test", "--first", "Ana", "--last", "Silva", "--product", "meeting")
    old = stocked.json("user", "show", "acme", "ana@x.test")["id"]
    stocked.done("user", "delete", "acme", "ana@x.test", "--yes")
    job = stocked.json("import", "run", "acme", write("email,last_name,products\nana@x.test,Souza,webinar\n"))
    assert job["counts"]["restore"] == 1
    person = stocked.json("user", "show", "acme", "ana@x.test")
    assert (person["id"], person["displayName"]) == (old, "Ana Souza")
    assert {claim["product"] for claim in person["claims"]} == {"meeting", "webinar"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no header"),
        (b"name,mail\n", "unknown column 'name'; unknown column 'mail'; column 'email' is missing"),
        (b"email,EMAIL\n", "column 'email' is there 2 times"),
        (b"email\n", "a header and no rows"),
        (b"email,first_name\nana@x.test,Ana\nbo@x.test,Jos\xe9\n", "Line 3 is not in UTF-8 (byte 46"),
        ("email\nana@x.test\n".encode("utf-16"), "UTF-16"),
        (b"email\nana\0@x.test\n", "NUL"),
        (b'email\n"ana@x.test\n', "Line 2 is no CSV"),
        (b"email,first_name\nana@x.test,Ana,Silva\n", "Line 2 has 3 cells"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing(stocked: CommandLine, content: bytes, complaint: str) -> None:
    assert complaint in stocked.failed(1, "import", "run", "acme", write(content))
    assert stocked.json("import", "list", "acme") == []
    assert stocked.json("user", "list", "acme") == []


def test_a_file_that_is_too_large_is_refused_unread(stocked: CommandLine, tmp_path: Path) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(2_000_000_000)
    assert "larger than 64,000,000 bytes" in stocked.failed(1, "import", "run", "acme", str(huge))


def test_an_import_that_was_checked_is_carried_out_or_called_off(stocked: CommandLine) -> None:
    first = stocked.json("import", "check", "acme", write("email\nana@x.test\n"))
    assert stocked.json("import", "cancel", "acme", first["id"])["state"] == "cancelled"
    assert "is cancelled" in stocked.failed(1, "import", "resume", "acme", first["id"])
    second = stocked.json("import", "check", "acme", "people.csv")
    assert stocked.json("import", "resume", "acme", second["id"])["state"] == "done"
    assert "nothing left to do" in stocked.failed(1, "import", "resume", "acme", second["id"])
    assert "has no import" in stocked.failed(1, "import", "show", "acme", "nothing")


def test_the_template_can_be_imported(stocked: CommandLine) -> None:
    header, example = stocked.done("import", "template").out.splitlines()
    assert header == HEADER
    assert example.startswith("ana@example.com,Ana,Silva,")


def test_at_a_terminal_it_is_checked_and_asked_first(stocked: CommandLine) -> None:
    file = write("email,products\nana@x.test,webinar\n")
    code, screen = at_terminal("import", "run", "acme", file, typed="n\n")
    assert code == 1
    assert "1 create" in screen
    assert "Carry it out?" in screen
    assert stocked.json("user", "list", "acme") == []
    code, screen = at_terminal("import", "run", "acme", file, typed="y\n")
    assert code == 0, screen
    assert len(stocked.json("user", "list", "acme")) == 1
