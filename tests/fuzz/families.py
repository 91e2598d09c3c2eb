"""The families of inputs, each with its grammar."""

from collections.abc import Callable, Mapping
from random import Random

from tests.fuzz.grammars.addresses import addresses
from tests.fuzz.grammars.administrations import administrations
from tests.fuzz.grammars.bodies import bodies, bulks
from tests.fuzz.grammars.filters import filters
from tests.fuzz.grammars.headers import headers
from tests.fuzz.grammars.oauth import oauth
from tests.fuzz.grammars.patches import patches
from tests.fuzz.grammars.signals import signals
from tests.fuzz.grounds import Ground
from tests.walls.requests import Request

Grammar = Callable[[Random, Ground], Request]


def walls(random: Random, ground: Ground) -> Request:
    """A request of any other family that names what is another tenant's."""
    assert ground.abroad is not None, "a ground has a tenant abroad"
    return random.choice(OWN)(random, ground.abroad)


OWN: tuple[Grammar, ...] = (filters, patches, bodies, bulks, headers, addresses, administrations, oauth, signals)
FAMILIES: Mapping[str, Grammar] = {each.__name__: each for each in (*OWN, walls)}
"""By name, as the command line takes them."""
