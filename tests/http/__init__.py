"""Through HTTP, as provisioning clients do."""
