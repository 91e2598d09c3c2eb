"""The catalogue of products, as it is shown."""

from scim_server.api.fields import Text, Texts
from scim_server.api.shapes import Item


class ProductItem(Item):
    """What the vendor sells."""

    code = Text()
    name = Text()
    includes = Texts(get=lambda product: sorted(product.includes), about="The products that come with it.")
