"""The command `scim-server`: one module per noun, each a thin edge over the use cases in `services`.

Exit code 0: done; 1: refused or failed, with one sentence on standard error; 2: the command line itself is wrong.
Standard output carries the answer and nothing else, and under `--json` nothing but JSON.
"""

from scim_server.cli.beginnings import collecting_nothing

with collecting_nothing():
    from scim_server.cli.commands import main, run

__all__ = ["main", "run"]
