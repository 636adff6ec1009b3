"""The kernel's half of the JavaScript example."""

from __future__ import annotations

import pytest

from course_support.errors import CourseError
from course_support.server import Server
from course_support.widgets.javascript import EXAMPLES, example, javascript


def test_gives_the_page_the_port_the_code_and_the_tokens(server: Server) -> None:
    widget = javascript(server, "return 1;")
    assert (widget.port, widget.code, widget.credentials) == (server.port, "return 1;", {"ada": "ada-secret"})


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.js")))
def test_an_example_of_the_course_goes_by_its_name(server: Server, name: str) -> None:
    assert javascript(server, name).code == example(name)
    assert "base" in example(name)


def test_says_which_examples_there_are(server: Server) -> None:
    with pytest.raises(CourseError, match=r"no JavaScript example called rust: there are .*rest"):
        javascript(server, "rust")


def test_its_text_is_stable(server: Server) -> None:
    text = f"JavaScript for {server.url}: what it sends shows in the .traffic of its server"
    assert javascript(server, "return 1;")._repr_mimebundle_()[0]["text/plain"] == text  # type: ignore[index]
