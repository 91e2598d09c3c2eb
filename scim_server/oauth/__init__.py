"""Turns the credential of a request into a connection."""
