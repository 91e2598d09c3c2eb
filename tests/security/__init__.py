"""The rules of docs/security.md, each shown from outside: a test names the row whose attack it makes."""
