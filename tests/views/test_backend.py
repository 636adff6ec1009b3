from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from course_support.views.backend import IN_CLEAR, Card, card_of
from tests.views.pages import Page


async def read(asked: Request) -> Response:
    """Read a playlist.

    More that a card does not show.
    """
    return Response()


async def silent(asked: Request) -> Response:
    return Response()


async def edit(socket: WebSocket) -> None:
    """Edit together."""


class Orders(HTTPEndpoint):
    """Orders of a shop."""

    async def post(self, asked: Request) -> Response:
        """Order something."""
        return Response()

    async def get(self, asked: Request) -> Response:
        return Response()


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Anything at all."""


def app() -> ASGIApp:
    routes = [
        Route("/playlists/{id}", read),
        Route("/playlists", silent, methods=["PUT", "PATCH", "GET", "DELETE"]),
        Route("/only-head", silent, methods=["HEAD"]),
        WebSocketRoute("/edit/{document}", edit),
        Mount("/shop", routes=[Route("/orders", Orders)]),
        Mount("/graphql", app=bare),
    ]
    backend = Starlette(routes=routes)
    backend.state.name = "music <b>"
    backend.state.credentials = {"listener": "tok-1", "guest": "tok-2"}
    return backend


URL = "http://127.0.0.1:40001"
CARD = card_of(app(), URL, True)


def test_text_has_address_routes_and_credentials() -> None:
    assert CARD.text.splitlines() == [
        "music <b>",
        "listening on http://127.0.0.1:40001",
        "",
        "  GET                      /playlists/{id}   Read a playlist.",
        "  GET, PUT, PATCH, DELETE  /playlists",
        "  HEAD                     /only-head",
        "  WebSocket                /edit/{document}  Edit together.",
        "  GET                      /shop/orders      Orders of a shop.",
        "  POST                     /shop/orders      Order something.",
        "  any                      /graphql/…        Anything at all.",
        "",
        f"{IN_CLEAR}:",
        "  listener  tok-1",
        "  guest     tok-2",
    ]


def test_html_says_what_the_text_says() -> None:
    page = Page(CARD.html)
    for line in CARD.text.replace(" on ", "\n").replace(f"{IN_CLEAR}:", IN_CLEAR).splitlines():
        for cell in filter(None, line.strip().split("  ")):
            assert cell.strip() in [text.strip() for _, text in page.texts]
    assert page.within("caption") == ["Routes", IN_CLEAR]
    assert "b" not in page.tags


def test_a_stopped_backend_says_so() -> None:
    card = card_of(app(), URL, False)
    assert "stopped on http://127.0.0.1:40001" in card.text
    assert "stopped" in Page(card.html).text


def test_an_application_that_tells_nothing_still_has_an_address() -> None:
    card = card_of(bare, URL, True)
    assert card == Card("backend", URL, True, (), {})
    assert card.text == f"backend\nlistening on {URL}"
    assert "table" not in Page(card.html).tags


def test_options_that_are_all_alike_take_one_row() -> None:
    alike = [Route(path, read, methods=["OPTIONS"]) for path in ("/playlists", "/orders")]
    routes = [Route("/playlists", silent), *alike, Route("/orders", silent)]
    assert card_of(Starlette(routes=routes), URL, True).routes == (
        ("GET", "/playlists", ""),
        ("GET", "/orders", ""),
        ("OPTIONS", "any of these", "Read a playlist."),
    )
    other = Route("/other", silent, methods=["OPTIONS"])
    assert len(card_of(Starlette(routes=[*routes, other]), URL, True).routes) == 5
    assert len(card_of(Starlette(routes=routes[:2]), URL, True).routes) == 2
