"""Tests, by the edge they go through."""
