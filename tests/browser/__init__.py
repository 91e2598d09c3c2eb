"""The console in a real browser: every flow, in both languages and themes, without a violation of what is promised."""
