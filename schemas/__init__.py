"""The documents the server runs on. Data only: see the folders below."""
