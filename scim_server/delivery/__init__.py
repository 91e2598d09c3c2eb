"""What leaves the server: outbox relay, webhooks, security event tokens."""
