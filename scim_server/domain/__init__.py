"""The business in plain Python: tenants, people, groups, products, seats. Standard library only."""
