"""A service that greets: the smallest backend, for the lesson that shows how a lesson works."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from course_support.backends import problem
from course_support.backends.problem import Problem


async def greet(request: Request) -> Response:
    """Greet somebody: put the name into the query, as in /hello?name=Ada."""
    name = request.query_params.get("name")
    if not name:
        raise Problem(400, "Say whom to greet: add ?name=… to the address.")
    return JSONResponse({"greeting": f"Hello, {name}!"})


def app(seed: int = 1) -> Starlette:
    """The service. It keeps no data, so every seed gives the same one."""
    service = Starlette(routes=[Route("/hello", greet)], exception_handlers=problem.HANDLERS)
    service.state.name = "Hello: a service that greets"
    service.state.credentials = {}
    return service
