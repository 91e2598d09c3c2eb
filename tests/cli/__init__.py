"""Through the command line, as operators do."""
