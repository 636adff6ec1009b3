"""An envelope explorer: edit a SOAP message, see at which line the contract rejects it, and send it all the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from importlib.resources import files
from typing import Any

import ipywidgets

from course_support import backends
from course_support.backends.envelope import SOAP11, SOAP12, VERSIONS, WSSE, Finding, Version, findings
from course_support.backends.patient_contract import NAMESPACE, operations
from course_support.backends.soap import PATH
from course_support.server import Server
from course_support.views.quantity import count_text
from course_support.widgets.editor import Editor
from course_support.widgets.form import labelled, marked, row, status
from course_support.widgets.sender import Sender, same_in_python

SHORTHAND = files(backends).joinpath("shorthand.xml").read_text("utf-8").strip()
MOST = 100  # findings that are listed: the page stays quick whatever is pasted


class EnvelopeExplorer(Sender):
    """An envelope to edit, held against the contract while one types. `send` sends it; `exchange` is what came of it.

    `findings` is what is wrong with it now, as `backends.envelope.findings` says.
    """

    def __init__(self, server: Server) -> None:
        self.envelope = marked(Editor(label="Envelope", value=SHORTHAND), "course-editing")
        self.version = labelled(
            ipywidgets.Dropdown,
            "Send it as",
            options=[(f"SOAP {version.number}", version) for version in (SOAP11, SOAP12)],
            layout={"width": "8rem"},
        )
        self.buttons = [
            _button("Start over", self._start_over),
            _button("Put Security into its namespace", lambda: self._declare("Security", WSSE)),
            _button("Put the request into its namespace", lambda: self._declare("GetPatientRecord", NAMESPACE)),
        ]
        self.found = ipywidgets.HTML()
        above = marked(row(self.version, *self.buttons), "course-level")
        super().__init__(server, "Envelope explorer", above, self.envelope, self.found)
        self.envelope.observe(self._hold, "value")
        self.version.observe(self._change_version, "value")
        self._hold()

    @property
    def summary(self) -> str:
        return f"Envelope explorer for {self.server.url}: use findings(…) and requests.post(…) from Python"

    @property
    def findings(self) -> list[Finding]:
        return findings(self.envelope.value.encode())

    def request(self) -> dict[str, Any]:
        fields = _fields(self.version.value, _operation(self.envelope.value))
        return {"method": "POST", "path": PATH, "headers": fields, "body": self.envelope.value}

    def _hold(self, change: Any = None) -> None:
        found, end = self.findings, self.envelope.value.count("\n") + 1
        self.envelope.rejected = sorted({min(finding.line, end) for finding in found})
        self.found.value = findings_html(found)
        self.python.value = same_in_python(
            "findings(envelope.encode())",
            f"headers = {self.request()['headers']!r}",
            f'requests.post(f"{{backend.url}}{PATH}", data=envelope.encode(), headers=headers)',
        )

    def _change_version(self, change: Any) -> None:
        for namespace in VERSIONS:
            self.envelope.value = self.envelope.value.replace(f'"{namespace}"', f'"{change.new.namespace}"')
        self._hold()

    def _declare(self, element: str, namespace: str) -> None:
        self.envelope.value = self.envelope.value.replace(f"<{element}>", f'<{element} xmlns="{namespace}">')

    def _start_over(self) -> None:
        self.version.value = SOAP11
        self.envelope.value = SHORTHAND


def envelope_explorer(server: Server) -> EnvelopeExplorer:
    """An envelope to edit, held against the contract of the SOAP backend `server`, and sent to it.

    In Python without the controls: `course_support.backends.envelope.findings(envelope.encode())`, and
    `requests.post(f"{server.url}/patient-service", …)`.
    """
    return EnvelopeExplorer(server)


def findings_html(found: Sequence[Finding]) -> str:
    """How many findings there are, read out when that changes, and each with its line."""
    if not found:
        return status("✔ Nothing is wrong with it. Who asks, and the HTTP fields, are looked at when it is sent.")
    rows = "".join(f"<li><b>Line {finding.line}</b> {escape(finding.sentence)}</li>" for finding in found[:MOST])
    more = f"<li>… and {count_text(len(found) - MOST, 'more finding')}</li>" if len(found) > MOST else ""
    return status(f"✖ {count_text(len(found), 'finding')}:") + f'<ul class="course-findings">{rows}{more}</ul>'


def _button(label: str, act: Callable[[], None]) -> ipywidgets.Button:
    button = ipywidgets.Button(description=label, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return button


def _operation(envelope: str) -> str:
    """The operation that the envelope seems to ask for, even where it is too broken to be read."""
    found = re.search(rf"<(?:[\w-]+:)?({'|'.join(operations())})\b", envelope)
    return found[1] if found else "GetPatientRecord"


def _fields(version: Version, operation: str) -> dict[str, str]:
    if version is SOAP11:
        return {"Content-Type": f"{version.media_type}; charset=utf-8", "SOAPAction": f'"{operation}"'}
    return {"Content-Type": f'{version.media_type}; charset=utf-8; action="{operation}"'}
