"""scim2-flask over the storage of scim2-server: the memory of one process. Served from an environment of its own."""

from flask import Flask
from scim2_flask import ScimServer
from scim2_server.memory import InMemoryStorage
from scim2_server.utils import load_default_provider

app = Flask(__name__)
app.secret_key = "a secret of a benchmark, good for nothing else"
ScimServer(InMemoryStorage(), load_default_provider(), app=app, url_prefix="/v2")
