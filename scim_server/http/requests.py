"""What every answer of the server carries, whoever makes it: the id of its request, and no invitation to guess."""

from uuid import uuid4

from flask import Flask, Response, g

HEADERS = {"X-Content-Type-Options": "nosniff"}


def number_requests(app: Flask) -> None:
    """Give each request an id, `g.request_id`, which its answer shows as X-Request-Id and the logs repeat."""

    @app.before_request
    def number() -> None:
        g.request_id = str(uuid4())

    @app.after_request
    def show(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        response.headers.update(HEADERS)
        return response
