"""Use cases, one per verb, shared by SCIM, admin API, console, CLI and worker. They open and end transactions."""
