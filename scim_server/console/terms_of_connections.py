"""The terms of a connection, as a form sends them."""

from typing import Any

from werkzeug.datastructures import MultiDict


def typed_terms(form: MultiDict[str, str]) -> dict[str, Any]:
    """What the use cases take; `name`, `idp` and networks, one a line, are as they were typed."""
    texts = {name: form.get(name, "").strip() for name in ("name", "idp", "manages_entitlements", "max_role")}
    return texts | {"creator_only": "creator_only" in form, "networks": form.get("networks", "").split()}
