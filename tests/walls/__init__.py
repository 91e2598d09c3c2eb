"""Walls between tenants, looked at from outside: requests, what each answers, and what it writes."""
