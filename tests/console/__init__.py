"""Tests of the console, through pages and forms as a browser without scripts has them."""
