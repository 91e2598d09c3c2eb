"""Load, growth and limits of whole servers, and costs of parts in one process; README.md lists all of them."""
