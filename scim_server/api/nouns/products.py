"""/products: the vendor's catalogue, the same for every tenant."""

from scim_server.api.answers import Answered, Made, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import Noun
from scim_server.api.fields import Text, Texts
from scim_server.api.items.products import ProductItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.services import tenancy

products = Noun("products", "What the vendor sells, the same for every tenant.")


class NewProduct(Body):
    """A product for the catalogue."""

    code = Text(required=True)
    name = Text(required=True)
    includes = Texts(load_default=(), about="Codes of products that come with it.")


@products.get("/products", "people.read", shows=ProductItem, lists=True, query=PageQuery)
def list_products(call: Call) -> Answered:
    """List the catalogue by code."""
    return part_of(tenancy.products(call.units), call.after, call.limit, lambda product: product.code)


@products.get("/products/{product}", "people.read", shows=ProductItem)
def show_product(call: Call) -> Answered:
    """Show a product."""
    return tenancy.product(call.units, call.path["product"])


@products.post("/products", "products.write", shows=ProductItem, body=NewProduct, status=201)
def create_product(call: Call) -> Answered:
    """Add a product to the catalogue. What it includes never changes."""
    product = tenancy.create_product(call.units, **call.body)
    return Made(product, f"/products/{product.code}")
