"""RFC 7644 sections 2, 6 and 7: who may do anything at all, and what nobody may learn."""

from functools import partial

from scim_conformance.checks import Level, Section
from scim_conformance.clients import PATCH_OP
from scim_conformance.fixtures import Probe
from scim_conformance.verdicts import CheckSkipped, require

access = Section("7644-2", "auth", needs="")
tenancy = Section("7644-6", "tenancy")
security = Section("7644-7", "security", needs="")

PLACES = (
    ("users", "GET", "/Users"),
    ("create", "POST", "/Users"),
    ("user", "GET", "/Users/1"),
    ("replace", "PUT", "/Users/1"),
    ("patch", "PATCH", "/Users/1"),
    ("delete", "DELETE", "/Users/1"),
    ("groups", "GET", "/Groups"),
    ("search", "POST", "/Users/.search"),
    ("bulk", "POST", "/Bulk"),
    ("me", "GET", "/Me"),
)


def _anonymous(method: str, path: str, scim: Probe) -> None:
    body = {"schemas": [PATCH_OP], "Operations": []}
    content = () if method in ("GET", "DELETE") else (body,)
    scim.send(method, path, *content, anonymous=True).refused(401)


for name, method, path in PLACES:
    says = f"{method} {path} without a credential is answered with 401 and an Error."
    access.add(
        Level.MUST, f"none-{name}", says, partial(_anonymous, method, path), "R-7644-2-01 R-7644-3.12-04 R-7644-2.2-01"
    )


@access.must("wrong", "A wrong token is answered with 401.", "R-7644-3.12-04")
def wrong_token(scim: Probe) -> None:
    scim.send("GET", "/Users", headers={"Authorization": "Bearer not-a-token-of-this-server"}).refused(401)


@access.must("cut", "A token cut short is answered with 401.", "R-7644-3.12-04 R-7644-7-03")
def cut_token(scim: Probe) -> None:
    token = scim.client.http.headers.get("Authorization", "")
    if not token:
        raise CheckSkipped("the run has no token")
    scim.send("GET", "/Users", headers={"Authorization": token[:-1]}).refused(401)


@access.must("challenge", "401 says in WWW-Authenticate how to authenticate.", "R-7644-2-01 R-7644-2-03")
def challenge(scim: Probe) -> None:
    reply = scim.send("GET", "/Users", anonymous=True).expect(401)
    require(reply.headers.get("WWW-Authenticate"), "the WWW-Authenticate header is missing")


@access.should("basic", "HTTP Basic is refused where it is not advertised.", "R-7644-2-02 R-7644-2-04")
def basic(scim: Probe) -> None:
    if any(scheme.get("type") == "httpbasic" for scheme in scim.server.config.get("authenticationSchemes") or []):
        raise CheckSkipped("the server advertises httpbasic")
    scim.send("GET", "/Users", headers={"Authorization": "Basic dXNlcjpwYXNzd29yZA=="}).refused(401)


@access.must("empty", "An empty bearer token is answered with 401.", "R-7644-3.12-04")
def empty_token(scim: Probe) -> None:
    scim.send("GET", "/Users", headers={"Authorization": "Bearer"}).refused(401)


@security.must(
    "token-in-query", "A token is taken from the Authorization header alone, not from the address.", "R-7644-7-02"
)
def token_in_query(scim: Probe) -> None:
    token = scim.client.http.headers.get("Authorization", "").rpartition(" ")[2]
    if not token:
        raise CheckSkipped("the run has no token")
    scim.send("GET", "/Users", params={"access_token": token}, anonymous=True).refused(401)


@security.must("cookie", "A cookie alone authorises nothing.", "R-7644-2-05")
def cookie(scim: Probe) -> None:
    headers = {"Cookie": "session=1; access_token=1"}
    scim.send("POST", "/Users", scim.user_body(), headers=headers, anonymous=True).refused(401)


@security.must(
    "error-discloses-nothing", "An error tells nothing of the server's inside: no traceback, no SQL.", "R-7644-3.12-03"
)
def error_discloses_nothing(scim: Probe) -> None:
    bodies = (b"{", b"\xff\xfe", b'{"schemas": 5}')
    replies = [scim.send("POST", "/Users", content=body) for body in bodies]
    replies.append(scim.get("/Users", filter="' or 1=1 --"))
    for text in (reply.refused(400).text for reply in replies):
        for word in ("Traceback", "SELECT ", "sqlalchemy", "psycopg", "java.", "at System.", "/home/", "site-packages"):
            require(word not in text, f"an error contains {word!r}")


@tenancy.must(
    "locations",
    "Addresses in answers begin with the base address that the client uses.",
    "R-7644-6-03 C-133",
    needs="User Group.members.$ref",
)
def locations(scim: Probe) -> None:
    person = scim.user()
    group = scim.read(scim.group(person))
    tail = str(scim.client.http.base_url.path).rstrip("/")
    for address in (person["meta"]["location"], group["meta"]["location"], group["members"][0].get("$ref")):
        require(f"{tail}/" in str(address), f"{address} is not below {tail}")


@tenancy.must(
    "foreign-path", "A path that climbs out of the base address gives nobody else's data.", "R-7644-6-01 R-7644-6-02"
)
def foreign_path(scim: Probe) -> None:
    for path in ("/..%2f..%2fother/v2/Users", "/Users/..%2f..%2fother", "/Users/%2e%2e"):
        scim.get(path).refused(400, 401, 403, 404)
