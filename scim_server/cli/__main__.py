"""`python -m scim_server.cli` is `scim-server`."""

from scim_server.cli.commands import main

main()
