"""Grammars of what clients send: each makes one request of a seed, nearly right or quite wrong."""
