"""scim2-server with the storage that it brings: the memory of one process. Served from an environment of its own."""

from scim2_server.applications.wsgi import WSGIApplication
from scim2_server.memory import InMemoryStorage
from scim2_server.utils import load_default_provider

app = WSGIApplication(InMemoryStorage(), load_default_provider())
