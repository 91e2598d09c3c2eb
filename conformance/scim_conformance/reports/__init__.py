"""What a run gives: lines on the console, and files for people (HTML) and programs (JUnit, JSON)."""
