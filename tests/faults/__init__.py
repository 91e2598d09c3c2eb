"""Faults to plant: each breaks one thing of this server, and checks of scim-conformance must see it.

A fault is a mutation of the real code for as long as a block lasts. A module is part of the catalogue by being here;
the faults in `ledgers` are apart, as tests must see them: the suite asks any server, and others have no seats.
"""
