"""Views turn a value into text first and HTML second; both say the same, and both redact secrets."""

from __future__ import annotations

import sys
from typing import Any

from course_support.choosing import Ranking
from course_support.views.exchange import exchange_html, exchange_text
from course_support.views.messages import message_text
from course_support.views.ranking import ranking_html
from course_support.wire import Exchange, Message


def install() -> None:
    """Let the running IPython show an Exchange, a Message and a Ranking by their views.

    Without IPython, or called twice, this does nothing.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return
    formatters = shell.display_formatter.formatters
    formatters["text/plain"].for_type(Exchange, _print)
    formatters["text/plain"].for_type(Message, _print_message)
    formatters["text/html"].for_type(Exchange, exchange_html)
    formatters["text/html"].for_type(Ranking, ranking_html)


def _print(exchange: Exchange, printer: Any, cycle: bool) -> None:
    printer.text(exchange_text(exchange))


def _print_message(message: Message, printer: Any, cycle: bool) -> None:
    printer.text(message_text(message))
