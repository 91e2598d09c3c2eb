"""The WSGI entry: `granian --interface wsgi wsgi:application`, or any other WSGI server."""

from scim_server.app import create_app

application = create_app()
