"""Requests by the thousand that nobody would send, through the whole application: see README.md beside this file."""
