"""Problem details for every way in which a handler can stop."""

from collections.abc import Iterator

import pytest
import requests
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends.problem import HANDLERS, Problem, invalid, pointer
from course_support.server import serve

STOPS: dict[str, Exception] = {
    "problem": Problem(428, "Send If-Match.", headers={"X-Why": "strict"}),
    "large": Problem(413, "Send less."),
    "invalid": invalid({"#/name": "Send a string.", "#/id": "Leave this out."}),
    "teapot": HTTPException(418),
    "bug": ZeroDivisionError("secret"),
}


async def stop(request: Request) -> Response:
    """Stop as the path says."""
    raise STOPS[request.path_params["how"]]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    routes = [Route("/stop/{how}", stop), Route("/stop/{how}", stop, methods=["PUT"])]
    with serve(Starlette(routes=routes, exception_handlers=HANDLERS), name="stops") as server:
        yield server.url


@pytest.mark.parametrize(
    ("path", "status", "title", "detail"),
    [
        ("/stop/problem", 428, "Precondition Required", "Send If-Match."),
        ("/stop/large", 413, "Content Too Large", "Send less."),
        ("/stop/teapot", 418, "I'm a Teapot", None),
        ("/stop/bug", 500, "Internal Server Error", None),
        ("/nothing%20h%C3%A9re", 404, "Not Found", None),
    ],
)
def test_problem(url: str, path: str, status: int, title: str, detail: str | None) -> None:
    answer = requests.get(url + path, timeout=10)
    content = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, content["status"], content["title"]) == (status, status, title)
    assert (content["type"], content["instance"]) == ("about:blank", path)
    assert content["detail"] == (detail or content["detail"])
    assert "secret" not in answer.text


def test_fields_of_a_problem_are_sent(url: str) -> None:
    assert requests.get(url + "/stop/problem", timeout=10).headers["X-Why"] == "strict"


def test_405_lists_the_methods_of_all_routes_of_the_path(url: str) -> None:
    assert requests.post(url + "/stop/problem", timeout=10).headers["Allow"] == "GET, HEAD, PUT"


def test_invalid_has_a_type_of_its_own_and_lists_the_faults(url: str) -> None:
    content = requests.get(url + "/stop/invalid", timeout=10).json()
    assert content["status"] == 422
    assert content["type"].startswith("tag:course.example,")
    assert content["errors"] == [
        {"pointer": "#/name", "detail": "Send a string."},
        {"pointer": "#/id", "detail": "Leave this out."},
    ]


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ((), "#"),
        (("name",), "#/name"),
        (("a", "0"), "#/a/0"),
        (("",), "#/"),
        (("a/b",), "#/a~1b"),
        (("m~n",), "#/m~0n"),
        (('k l%"',), "#/k%20l%25%22"),
        (("\ud800",), "#/%3F"),
    ],
)
def test_pointer(members: tuple[str, ...], text: str) -> None:
    assert pointer(*members) == text
