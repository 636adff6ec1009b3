from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from course_support.choosing import rank
from course_support.views import install
from course_support.views.exchange import exchange_html, exchange_text
from course_support.views.ranking import ranking_html
from course_support.views.traffic import Traffic
from tests.factories import exchange, message


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    InteractiveShell.clear_instance()


def display(shell: InteractiveShell, value: object) -> dict[str, str]:
    assert shell.display_formatter
    shown, _ = shell.display_formatter.format(value)
    return dict(shown)


def test_without_a_notebook_nothing_happens() -> None:
    assert not InteractiveShell.initialized()
    install()


def test_an_exchange_shows_itself(shell: InteractiveShell) -> None:
    install()
    install()
    shown = display(shell, exchange())
    assert shown == {"text/plain": exchange_text(exchange()), "text/html": exchange_html(exchange())}


def test_a_ranking_shows_itself(shell: InteractiveShell) -> None:
    install()
    ranking = rank(team="XML")
    assert display(shell, ranking) == {"text/plain": ranking.text, "text/html": ranking_html(ranking)}


def test_messages_show_themselves_without_their_secrets(shell: InteractiveShell) -> None:
    install()
    said = (message("client", '{"token":"hunter2"}'), message("server", "hello"), message("server", opcode="ping"))
    assert display(shell, said) == {"text/plain": '(> text {"token": "••••"}, < text hello, < ping)'}


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (Traffic([exchange()]), {"text/plain", "text/html"}),
        (Traffic([exchange()]).diagram(), {"text/plain", "text/markdown"}),
    ],
)
def test_the_others_show_themselves(shell: InteractiveShell, value: object, kinds: set[str]) -> None:
    shown = display(shell, value)
    assert set(shown) == kinds
    assert shown["text/plain"] == str(value)
