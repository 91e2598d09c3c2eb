"""What a check works with: requests, resources of its own, and the promise that they are removed again."""

import secrets
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from scim_conformance.clients import PATCH_OP, Client, Reply
from scim_conformance.servers import Server
from scim_conformance.verdicts import CheckFailed

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"

Resource = dict[str, Any]
T = TypeVar("T")


class Remains:
    """The resources that requests have made and not removed.

    It watches the client rather than the checks: what a server creates although a check expects it to refuse
    is remembered all the same. `left` tells in sentences what could not be removed.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._made: dict[str, None] = {}
        self._kept: dict[str, None] = {}
        self.left: list[str] = []
        client.observers.append(self._observe)

    def keep(self) -> None:
        """Let what is there now stay until everything is removed."""
        self._kept |= self._made
        self._made.clear()

    def remove(self, everything: bool = False) -> None:
        """Delete what is not kept, newest first."""
        if everything:
            self._made = self._kept | self._made
            self._kept = {}
        while self._made:
            self._remove(self._made.popitem()[0])

    def _remove(self, path: str) -> None:
        try:
            reply = self._client.send("DELETE", path)
        except CheckFailed as error:
            self.left.append(f"{path}: {error}")
            return
        if reply.status not in (200, 202, 204, 404, 410):
            self.left.append(f"{path}: DELETE is answered with {reply.status}")

    def _observe(self, method: str, path: str, reply: Reply | None) -> None:
        path = path.partition("?")[0]
        if reply is None:
            if method == "POST" and not path.endswith("/.search"):
                self.left.append(f"{path}: a POST was not answered and may have created a resource")
        elif method == "POST" and path.rstrip("/") == "/Bulk":
            for operation in _operations(reply.body):
                self._note(str(operation.get("method")), _place(operation.get("location")), operation.get("status"))
        elif method == "POST" and reply.status == 201:
            self._note(method, self._created(path, reply), 201)
        else:
            self._note(method, path, reply.status)

    def _created(self, path: str, reply: Reply) -> str | None:
        identifier = reply.body.get("id") if isinstance(reply.body, dict) else None
        if isinstance(identifier, str) and identifier:
            return f"{path.rstrip('/')}/{quote(identifier, safe='')}"
        place = _place(reply.headers.get("Location"))
        if place is None:
            self.left.append(f"{path}: a POST created a resource and gave neither id nor Location")
        return place

    def _note(self, method: str, path: str | None, status: Any) -> None:
        if path is None:
            return
        if method.upper() == "DELETE" and str(status) in ("200", "204"):
            self._made.pop(path, None)
            self._kept.pop(path, None)
        elif str(status) == "201":
            self._made[path] = None


class Probe:
    """Handed to every check. Resources it makes have names of their own and are removed when the check ends."""

    def __init__(self, client: Client, server: Server, remains: Remains) -> None:
        self.client = client
        self.server = server
        self.domain = f"{secrets.token_hex(5)}.example"
        self._remains = remains
        self._shared: dict[Callable[[Probe], Any], Any] = {}

    def send(self, method: str, path: str, *body: Any, **options: Any) -> Reply:
        """One request, as `Client.send` takes it."""
        return self.client.send(method, path, *body, **options)

    @property
    def users(self) -> str:
        """The endpoint of users."""
        return self.server.endpoint("User")

    @property
    def groups(self) -> str:
        """The endpoint of groups."""
        return self.server.endpoint("Group")

    def get(self, path: str, **params: str) -> Reply:
        """GET, with query parameters by name."""
        return self.client.send("GET", path, params=params or None)

    def post(self, path: str, body: Any, **options: Any) -> Reply:
        """POST of a body."""
        return self.client.send("POST", path, body, **options)

    def patch(self, resource: Resource, *operations: Resource, **options: Any) -> Reply:
        """PATCH of a resource with these operations."""
        message = {"schemas": [PATCH_OP], "Operations": list(operations)}
        return self.client.send("PATCH", self.path(resource), message, **options)

    def put(self, resource: Resource, body: Resource | None = None, **options: Any) -> Reply:
        """PUT of a resource, by default as it is given here."""
        return self.client.send("PUT", self.path(resource), resource if body is None else body, **options)

    def delete(self, resource: Resource, **options: Any) -> Reply:
        """DELETE of a resource."""
        return self.client.send("DELETE", self.path(resource), **options)

    def read(self, resource: Resource, **params: str) -> Resource:
        """The resource as it is now."""
        return self.get(self.path(resource), **params).expect(200).resource

    def written(self, resource: Resource, resource_type: str = "User") -> Resource:
        """The resource without the extensions that only the server writes, which it may add to any of them."""
        computed = self.server.computed_extensions(resource_type)
        kept = {name: value for name, value in resource.items() if name not in computed}
        if isinstance(kept.get("schemas"), list):
            kept["schemas"] = [urn for urn in kept["schemas"] if urn not in computed]
        return kept

    def find(self, endpoint: str, filter_: str, **params: str) -> list[Resource]:
        """The resources that a filter gives."""
        return self.get(endpoint, filter=filter_, **params).resources

    def name(self, stem: str = "probe") -> str:
        """A name that nothing else has."""
        return f"{stem}-{secrets.token_hex(6)}"

    def email(self, mailbox: str) -> str:
        """An e-mail address in a domain that only this run uses."""
        return f"{mailbox}@{self.domain}"

    def user_body(self, **attributes: Any) -> Resource:
        """A user to be sent, with a name of its own unless one is given."""
        return {"schemas": [USER], "userName": self.name(), **attributes}

    def group_body(self, *members: Resource, **attributes: Any) -> Resource:
        """A group to be sent, with these users or groups as members."""
        named = {"schemas": [GROUP], "displayName": self.name("group"), **attributes}
        return {**named, "members": [{"value": member["id"]} for member in members]} if members else named

    def user(self, **attributes: Any) -> Resource:
        """A new user, as the server answers it."""
        return self.create("User", self.user_body(**attributes))

    def group(self, *members: Resource, **attributes: Any) -> Resource:
        """A new group."""
        return self.create("Group", self.group_body(*members, **attributes))

    def create(self, resource_type: str, body: Resource) -> Resource:
        """A new resource, as the server answers it; it must have an id."""
        made = self.client.send("POST", self.server.endpoint(resource_type), body).expect(201).resource
        if not isinstance(made.get("id"), str):
            raise CheckFailed("the created resource has no id")
        return made

    def path(self, resource: Resource) -> str:
        """Where a resource lives, below the base address."""
        kind = "Group" if GROUP in (resource.get("schemas") or ()) else "User"
        return f"{self.server.endpoint(kind)}/{quote(str(resource['id']), safe='')}"

    def shared(self, make: Callable[["Probe"], T]) -> T:
        """Something that several checks only read: made once, removed when the run ends."""
        if make not in self._shared:
            self._shared[make] = make(self)
            self._remains.keep()
        made: T = self._shared[make]
        return made


def _operations(body: Any) -> list[dict[str, Any]]:
    operations = body.get("Operations") if isinstance(body, dict) else None
    return [each for each in operations if isinstance(each, dict)] if isinstance(operations, list) else []


def _place(location: Any) -> str | None:
    """`/Users/4711` of an absolute address."""
    segments = [segment for segment in urlsplit(str(location or "")).path.split("/") if segment]
    return f"/{segments[-2]}/{quote(unquote(segments[-1]), safe='')}" if len(segments) >= 2 else None
