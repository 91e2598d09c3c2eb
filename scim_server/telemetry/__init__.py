"""How the server tells what it does: metrics for Prometheus, spans for OpenTelemetry, ids for its own log.

Whoever has something to tell calls a meter or opens a span where it happens; both do nothing, and load nothing, until
`app` switches them on. Nothing here knows the rest of the server. No label, attribute or help text holds personal data.
"""
