"""Lists and reports that another database answers, which follows."""
