"""A crowd over one database: clients in several processes that join, leave, move and return, and somebody who watches.

`clients` act, `watches` look at the seats meanwhile, `verdicts` go over everything afterwards, `runs` bring them
together. `python -m tests.crowds` is a long run on both databases.
"""
