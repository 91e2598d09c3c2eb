"""What a shell completes: names of what there is, and nothing at all where there is nothing to read."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scim_server.cli.completions import VARIABLE
from scim_server.domain.tenants import Tenant
from tests.cli.commands import PROGRAM, CommandLine
from tests.worlds import Connection, World

OFFERS = {
    "tenant sh": ["show"],
    "tenant show ": ["acme", "beta"],
    "tenant show b": ["beta"],
    "tenant create ": [],
    "token issue a": ["acme"],
    "token issue acme/": ["acme/okta"],
    "connection edit acme ": ["okta"],
    "subscription set acme m": ["meeting"],
    "role grant acme a": ["ana@x.test"],
    "role grant acme ana@x": ["@x.test"],
    "role grant acme ana@x.test ma": ["manager"],
    "role grants acme --user b": ["ben"],
    "role grants acme --user=b": ["ben"],
    "role grant nobody a": [],
    "role list beta x": [],
    "connection create acme x --idp go": ["google"],
    "chores run tidy": ["tidy-issues"],
    "token issue acme --api x --scope people.w": ["people.write"],
}


def offered(line: str, monkeypatch: pytest.MonkeyPatch, cli: CommandLine) -> list[str]:
    """What Bash is given for a line that ends at the cursor."""
    monkeypatch.setenv(VARIABLE, "bash_complete")
    monkeypatch.setenv("COMP_LINE", f"scim-server {line}")
    cli.capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli()
    printed = cli.capsys.readouterr()
    assert (ended.value.code, printed.err) == (0, "")
    monkeypatch.delenv(VARIABLE)
    return printed.out.split()


def test_names_are_offered(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.tenant("beta")
    for name in ("ana@x.test", "ben", "a$b"):
        okta.create_user(name)
    assert {line: offered(line, monkeypatch, cli) for line in OFFERS} == OFFERS


def test_where_there_is_no_database_nothing_is_offered_and_none_is_made(
    bare_cli: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert offered("tenant show ", monkeypatch, bare_cli) == []
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "empty.db").touch()
    for url in ("sqlite:///empty.db", "nonsense", "postgresql://nobody:x@127.0.0.1:1/none"):
        monkeypatch.setenv("SCIM_DATABASE_URL", url)
        assert offered("tenant show ", monkeypatch, bare_cli) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_says_where_it_goes(bare_cli: CommandLine, shell: str) -> None:
    script = bare_cli.done("completion", shell).out
    assert script.startswith("# ")
    assert f"{VARIABLE}={shell}_complete" in script
    assert "scim-server" in script


def test_bash_takes_the_script(bare_cli: CommandLine, tmp_path: Path) -> None:
    """The function that it defines calls the program it completes, here by another name."""
    program = tmp_path / "scim-server"
    program.write_text(f'#!/bin/sh\nexec {" ".join(PROGRAM)} "$@"\n')
    program.chmod(0o755)
    script = bare_cli.done("completion", "bash").out
    line = "scim-server conn"
    asked = f"COMP_LINE='{line}' COMP_POINT={len(line)}; _scim_server_completion {program}; echo \"${{COMPREPLY[@]}}\""
    bash = shutil.which("bash")
    assert bash is not None
    answer = subprocess.run(
        [bash, "--norc", "-c", f"{script}\n{asked}"], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert (answer.stdout.split(), answer.stderr) == (["connection"], "")
