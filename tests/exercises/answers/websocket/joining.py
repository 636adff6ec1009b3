"""Ways to join a document, for the answers to the WebSocket exercises."""

import json
from contextlib import contextmanager

import websocket


def address(url, document):
    return f"{url.replace('http', 'ws', 1)}/edit/{document}"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def joined(url, token, document, **options):
    """A connection of websocket-client, with what wrong answers leave out or get wrong; it gives up after 20 s."""
    given = {"subprotocols": ["edit.v1"], "header": bearer(token), "timeout": 20} | options
    return websocket.create_connection(address(url, document), **given)


@contextmanager
def leaving(socket):
    """Close it in the end, also where the service was first, which `close` alone does not."""
    try:
        yield socket
    finally:
        socket.close(timeout=0.3)
        socket.shutdown()


def heard(socket):
    return json.loads(socket.recv())


def is_socket(e):
    return e.status == 101
