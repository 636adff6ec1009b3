"""What the resolvers of one request share, and what becomes of their errors."""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLResolveInfo, OperationDefinitionNode
from starlette.datastructures import State
from strawberry.dataloader import DataLoader
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionResult

from course_support.backends.events import Events
from course_support.backends.graphql_limits import Limits

Load = Callable[[str], Awaitable[Any]]


class Asked:
    """One request: what its token may do, the store, and a loader for each question that resolvers repeat."""

    def __init__(self, state: State, scopes: set[str], operation: str | None) -> None:
        self.scopes = scopes
        self.operation = operation or None  # an empty name is none (GraphQL over HTTP, GET)
        self.events: Events = state.events
        self.limits: Limits = state.limits
        self.broken: set[str] = state.broken
        self.batching: bool = state.loader
        self.forget()

    def forget(self) -> None:
        """Ask anew from here on: a loader remembers, and a mutation changes what it remembers."""
        self.event = self._loader(self.events.events)
        self.speakers_of_event = self._loader(self.events.speakers_of_events)
        self.sessions_of_event = self._loader(self.events.sessions_of_events)
        self.sessions_of_speaker = self._loader(self.events.sessions_of_speakers)
        self.speakers_of_session = self._loader(self.events.speakers_of_sessions)
        self.attendee_count = self._loader(self.events.attendee_counts)

    def _loader(self, ask: Callable[[Sequence[str]], Sequence[Any]]) -> Load:
        """One key from each resolver; the keys of all that wait are then asked for in one statement."""

        async def together(keys: list[str]) -> Sequence[Any]:
            return ask(keys)

        async def alone(key: str) -> Any:
            return ask([key])[0]

        return DataLoader(load_fn=together).load if self.batching else alone


Info = strawberry.Info[Asked, None]


def refusal(code: str, advice: str, **more: Any) -> GraphQLError:
    """An error that is the client's to read: one sentence that says what to do, and a code for its program."""
    return GraphQLError(advice, extensions={"code": code, **more})


def require_write(info: Info) -> None:
    if "write" not in info.context.scopes:
        raise refusal("FORBIDDEN", "Use a token that may write: this one is known, and it may only read.")


class Named(SchemaExtension):
    """Of several operations one must be named (GraphQL, section 6.1); strawberry would run the first."""

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        assert context.graphql_document
        operations = [it for it in context.graphql_document.definitions if isinstance(it, OperationDefinitionNode)]
        if len(operations) > 1 and not context.context.operation:
            context.pre_execution_errors = [unnamed()]
        yield


def unnamed() -> GraphQLError:
    return refusal("OPERATION_NOT_FOUND", "Send an operation, and if there are several, name one as operationName.")


class Breakable(SchemaExtension):
    """A switch to see how null spreads: a field listed as `Speaker.photo` or `Speaker.photo:ID` fails."""

    def resolve(
        self, _next: Callable[..., Any], root: Any, info: GraphQLResolveInfo, *args: str, **kwargs: Any
    ) -> object:
        if broken := info.context.broken:
            field = f"{info.parent_type.name}.{info.field_name}"
            if {field, f"{field}:{getattr(root, 'id', None)}"} & broken:
                return _fail(field)
        return _next(root, info, *args, **kwargs)


async def _fail(field: str) -> None:
    # While it is awaited: when a field fails at once, graphql-core 3.2 drops those beside it that still wait, and
    # Python complains in a learner's cell that they were never awaited.
    raise RuntimeError(f"{field} is broken")


class Schema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing here: what a client must not see is logged where it is masked."""


def response_of(result: ExecutionResult) -> dict[str, Any]:
    """The GraphQL response: `errors`, if there are any, and `data`, unless nothing was executed (section 7.1)."""
    response: dict[str, Any] = {"errors": [shown(error) for error in result.errors]} if result.errors else {}
    # An error at a field has a path; one that kept everything from being executed has none, and comes without data.
    executed = result.data is not None or any(error.path for error in result.errors or ())
    return response | ({"data": result.data} if executed else {})


def shown(error: GraphQLError) -> dict[str, Any]:
    """The error as clients see it. What a resolver did not mean to say stays inside, and goes to the server's log."""
    cause = error.original_error
    if isinstance(cause, MissingQueryError | CannotGetOperationTypeError):  # strawberry's words for it
        return shown(unnamed())
    if cause is None or isinstance(cause, GraphQLError):
        return dict(error.formatted)
    reference = hashlib.sha256(f"{error.path} {cause!r}".encode()).hexdigest()[:8]
    logging.getLogger("uvicorn.error").error("Internal error, reference %s", reference, exc_info=cause)
    masked = {"message": f"Internal error, reference {reference}.", "extensions": {"code": "INTERNAL_ERROR"}}
    return dict(error.formatted) | masked
