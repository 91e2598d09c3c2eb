"""Admin centre in the browser."""
