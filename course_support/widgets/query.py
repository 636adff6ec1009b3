"""A query builder: tick fields of an event and see the query, the answer, its bytes and the database's statements."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import ipywidgets

from course_support.backends.events_data import ALWAYS
from course_support.errors import CourseError
from course_support.server import Server
from course_support.views import content
from course_support.views.quantity import bytes_text
from course_support.views.style import table, view
from course_support.widgets.event_views import FIELDS, VIEWS, Cost, by_graphql, by_rest, cost_of, query_of
from course_support.widgets.form import Form, code, labelled, marked, row, status
from course_support.widgets.sender import same_in_python
from course_support.widgets.tree import Tree
from course_support.wire import Exchange, Response

APIS = ("REST", "GraphQL", "GraphQL, no loader")
COLUMNS = ("view", "over", "requests", "bytes sent", "bytes received", "database statements")


class QueryBuilder(Form):
    """Fields to tick, and after each change the query, its answer and what it took.

    `query` is the text; `exchange` is what came of it last; `costs` what each view took, by view and API.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.exchange: Exchange | None = None
        self.costs: dict[tuple[str, str], Cost] = {}
        self.who = "guest" if "guest" in server.credentials else next(iter(server.credentials), "guest")
        self.fields = Tree(label=f"Fields of event {ALWAYS}", fields=list(FIELDS), chosen=VIEWS["Phone view"])
        self.buttons = [self._button(name) for name in VIEWS]
        self.run_button = ipywidgets.Button(description="Run", button_style="primary")
        self.loader = labelled(ipywidgets.Checkbox, "Loader: one statement for many objects", indent=False)
        self.switch = ipywidgets.HTML()
        self.said = ipywidgets.HTML(status(""))
        self.asked = ipywidgets.HTML(layout={"flex": "1 1 15rem", "width": "auto", "min_width": "0"})
        self.answered = ipywidgets.HTML(layout={"flex": "2 1 18rem", "width": "auto", "min_width": "0"})
        self.python = ipywidgets.HTML()
        self.compared = marked(ipywidgets.HTML(), "course-compared")
        super().__init__(
            "Query builder",
            row(*self.buttons, self.run_button),
            row(self.loader, self.switch),
            marked(row(self.fields, self.asked, self.answered), "course-top"),
            self.said,
            self.python,
            self.compared,
        )
        self.refresh()
        self._show()
        self.fields.observe(lambda _: self.run(), "chosen")
        self.loader.observe(self._set_loader, "value")
        self.run_button.on_click(lambda _: self.run())

    @property
    def summary(self) -> str:
        return f"Query builder for {self.server.url}: use requests.post(…, json={{'query': …}}) from Python"

    @property
    def query(self) -> str:
        return query_of(self.fields.chosen)

    def run(self) -> Exchange | None:
        """Send the query and show what it took; None, with the reason shown, where that cannot be done."""
        self.exchange = None
        try:
            if not self.query:
                raise CourseError("Tick a field: a query asks for at least one field of an object.")
            self.exchange = by_graphql(self.server, self.query, self.who)
        except CourseError as error:
            self.said.value = status(escape(str(error)), error=True)
        else:
            self._account(self.exchange)
        self._show()
        return self.exchange

    def show_view(self, name: str) -> None:
        """Tick the fields of the view called so, and ask for it over GraphQL and over REST."""
        if set(self.fields.chosen) == set(VIEWS[name]):
            self.run()
        else:
            self.fields.chosen = VIEWS[name]
        try:
            self.costs[name, "REST"] = cost_of(by_rest(self.server, name, self.who))
        except CourseError as error:
            self.said.value = status(escape(str(error)), error=True)
        self._show()

    def refresh(self) -> None:
        """Show the loader's switch as it stands; a cell may have turned it since."""
        self.loader.value = self._loads
        self.switch.value = code(f"backend.app.state.loader = {self._loads}")

    def _repr_mimebundle_(self, **options: Any) -> Any:
        self.refresh()
        return super()._repr_mimebundle_(**options)

    @property
    def _loads(self) -> bool:
        return bool(getattr(self.server.app.state, "loader", True))  # type: ignore[attr-defined]

    def _set_loader(self, change: Any) -> None:
        if change.new != self._loads:
            self.server.app.state.loader = change.new  # type: ignore[attr-defined]
            self.run()
        self.refresh()

    def _button(self, name: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=name)
        button.on_click(lambda _: self.show_view(name))
        return button

    def _account(self, exchange: Exchange) -> None:
        cost = cost_of([exchange])
        statements = "unknown" if cost.statements is None else str(cost.statements)
        spent = f"sent {bytes_text(cost.sent)}, received {bytes_text(cost.received)}"
        self.said.value = status(f"Database statements: <b>{statements}</b>; {spent}, heads included.")
        name = next((name for name, fields in VIEWS.items() if set(fields) == set(self.fields.chosen)), None)
        if name and exchange.status == 200:
            self.costs[name, APIS[1 if self._loads else 2]] = cost

    def _show(self) -> None:
        response = self.exchange.response if self.exchange else None
        self.asked.value = _panel("Query", self.query)
        self.answered.value = _panel("Answer", _laid_out(response) if response else "")
        self.python.value = same_in_python(
            f"headers = {{'Authorization': f\"Bearer {{backend.credentials['{self.who}']}}\"}}",
            f"sent = {{'query': query, 'variables': {{'eventId': '{ALWAYS}'}}}}  # query: the text above",
            'requests.post(f"{backend.url}/graphql", json=sent, headers=headers)',
        )
        self.compared.value = costs_html(self.costs) if self.costs else ""


def query_builder(server: Server) -> QueryBuilder:
    """Fields to tick of an event of the GraphQL backend `server`; each change sends the query.

    In Python without the controls: `requests.post(f"{server.url}/graphql", json={"query": …, "variables": …}, …)`,
    and `server.app.state.loader = False`.
    """
    return QueryBuilder(server)


def costs_html(costs: dict[tuple[str, str], Cost]) -> str:
    """The views below each other, each with the APIs that it was asked for over."""
    rows = [
        [
            name.removesuffix(" view"),
            api,
            *(f"{it:,}" for it in (cost.requests, cost.sent, cost.received)),
            _known(cost.statements),
        ]
        for name in VIEWS
        for api in APIS
        if (cost := costs.get((name, api)))
    ]
    return view("Both views compared", table("What each view takes", COLUMNS, rows, figures=range(2, 6)))


def _known(statements: int | None) -> str:
    return "–" if statements is None else f"{statements:,}"


def _panel(label: str, text: str) -> str:
    region = f'<pre role="region" aria-label="{label}" tabindex="0">{escape(text)}</pre>'
    return f'<div class="course-panel"><div class="course-above">{label}</div>{region}</div>'


def _laid_out(response: Response) -> str:
    answer = response.json()
    if answer is None:
        return "\n".join(content.shown(response).lines)
    return json.dumps(answer, indent=2, ensure_ascii=False)
