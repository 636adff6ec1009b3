"""What a query may ask for: a few lines of GraphQL can ask for more than a server could answer in a year.

Tokens are counted before the document is parsed, depth and cost before it is validated and executed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    IntValueNode,
    Lexer,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from strawberry.extensions import SchemaExtension

ASSUMED = 10  # how long a list is taken to be that has no `first`
MOST = 2**31 - 1  # the largest Int (GraphQL, section 3.5.1); validation refuses any other


@dataclass(frozen=True)
class Limits:
    """The most that one query may need: fields in one another, fields in its answer, tokens in its text."""

    depth: int
    cost: int
    tokens: int


def tokens(text: str) -> int:
    """Names, values and punctuators of a document, up to the first that is none (GraphQL, section 2.1.6)."""
    lexer, count = Lexer(Source(text)), 0
    try:
        while lexer.advance().kind is not TokenKind.EOF:
            count += 1
    except GraphQLSyntaxError:
        pass  # the parser will say so
    return count


class Measured:
    """How much the named operation needs. Its document may break the rules of validation, which comes later."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, name: str | None, variables: Mapping[str, Any]
    ) -> None:
        self.variables = variables
        self.operations = [
            (node, schema.get_root_type(node.operation))
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode) and name in (None, node.name and node.name.value)
        ]
        fragments = (node for node in document.definitions if isinstance(node, FragmentDefinitionNode))
        self._fragments = {fragment.name.value: fragment for fragment in fragments}
        self._costs: dict[tuple[int, int | None], int] = {}

    @property
    def depth(self) -> int | None:
        """Fields in one another; None if there is no end of it, because a fragment contains itself."""
        level = {id(node): node.selection_set for node, _ in self.operations}
        depth, seen = 0, set(level)
        while level:
            inner = (field.selection_set for one in level.values() for field in self._fields(one))
            level = {id(one): one for one in inner if one}
            seen.update(level)
            depth += 1
            if depth > len(seen):
                return None
        return depth

    @property
    def cost(self) -> int:
        """Fields that the answer can have at most, lists being as long as their `first` or else 10."""
        return sum(self._cost(node.selection_set, type_, None) for node, type_ in self.operations)

    def _cost(self, selected: SelectionSetNode, parent: GraphQLObjectType | None, first: int | None) -> int:
        known = (id(selected), first)
        if known not in self._costs:
            self._costs[known] = sum(self._cost_of_field(field, parent, first) for field in self._fields(selected))
        return self._costs[known]

    def _cost_of_field(self, node: FieldNode, parent: GraphQLObjectType | None, first: int | None) -> int:
        field = parent.fields.get(node.name.value) if parent else None
        if not field or not node.selection_set:
            return 1
        type_ = get_named_type(field.type)
        inner = self._cost(
            node.selection_set, type_ if isinstance(type_, GraphQLObjectType) else None, self._first(node, field)
        )
        return 1 + inner * ((first or ASSUMED) if is_list_type(get_nullable_type(field.type)) else 1)

    def _first(self, node: FieldNode, field: GraphQLField) -> int | None:
        """The length that the field asks of the lists in it, if it takes one at all."""
        if "first" not in field.args:
            return None
        given = next((argument.value for argument in node.arguments if argument.name.value == "first"), None)
        value: Any = field.args["first"].default_value
        if isinstance(given, IntValueNode):
            value = int(given.value[:11])  # no Int is longer, and Python refuses to read thousands of digits
        elif isinstance(given, VariableNode):
            value = self.variables.get(given.name.value, value)
        return min(max(value, 1), MOST) if isinstance(value, int) else ASSUMED

    def _fields(self, selected: SelectionSetNode) -> Iterator[FieldNode]:
        """The fields selected, those of fragments too, each fragment once."""
        waiting: list[SelectionNode] = [*selected.selections]
        spread = set()
        while waiting:
            node = waiting.pop()
            if isinstance(node, FieldNode):
                # graphql-core has a rule of its own for the depth of introspection
                if not node.name.value.startswith("__"):
                    yield node
                continue
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                fragment = None if name in spread else self._fragments.get(name)
                spread.add(name)
                waiting += fragment.selection_set.selections if fragment else ()
            elif isinstance(node, InlineFragmentNode):
                waiting += node.selection_set.selections


def exceeded(code: str, advice: str, limit: int, needed: int) -> GraphQLError:
    message = advice.format(needed=needed, limit=limit)
    return GraphQLError(message, extensions={"code": code, "limit": limit, "needed": needed})


class Limited(SchemaExtension):
    """Holds every operation to the limits of its context."""

    def on_parse(self) -> Iterator[None]:
        limit, needed = self._limits.tokens, tokens(self.execution_context.query or "")
        if needed > limit:
            raise exceeded(
                "TOKEN_LIMIT_EXCEEDED",
                "Send a shorter query: this one has {needed} tokens, and this service reads {limit}.",
                limit,
                needed,
            )
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if refused := self._refused():
            context.pre_execution_errors = [refused]
        yield

    @property
    def _limits(self) -> Limits:
        limits: Limits = self.execution_context.context.limits
        return limits

    def _refused(self) -> GraphQLError | None:
        context, limits = self.execution_context, self._limits
        assert context.graphql_document
        measured = Measured(
            context.schema._schema, context.graphql_document, context.operation_name, context.variables or {}
        )
        if (depth := measured.depth) is None:
            return None
        if depth > limits.depth:
            advice = "Ask for less in one another: this query is {needed} fields deep, and this service allows {limit}."
            return exceeded("DEPTH_LIMIT_EXCEEDED", advice, limits.depth, depth)
        if (cost := measured.cost) > limits.cost:
            advice = "Ask for less at once: the answer could have {needed} fields, and this service allows {limit}."
            return exceeded("COST_LIMIT_EXCEEDED", advice, limits.cost, cost)
        return None
