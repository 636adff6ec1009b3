import re

import pytest

from course_support.views.sequence import Arrow, Diagram, Turn

HOSTILE = 'end; %% # "x" <script>: {a} --> `b` \\ \n\x1b[31m[c]()'


@pytest.mark.parametrize("label", [HOSTILE, "end", "a:b;c", "#35;"])
def test_nothing_in_a_label_is_mermaids(label: str) -> None:
    diagram = Diagram(label, (Turn((Arrow(label, "server", label),), 5),), label)
    for line in diagram.mermaid.splitlines()[3:]:
        said = re.sub(r"#\d+;|<br/>", "", line.partition(" as " if " as " in line else ": ")[2])
        assert not set(said) & set("#;<>%`\\$&|\x1b")
        if "->>" not in line:  # behind an arrow these are plain: Mermaid reads on to the end of the line
            assert not set(said) & set(':"{}()[]')
    title, description = (line.partition(": ")[2] for line in diagram.mermaid.splitlines()[1:3])
    assert not set(title + description) & set("#;{}%<>\n")


def test_a_long_label_is_drawn_on_several_lines_and_told_on_one() -> None:
    said = '{"type": "connection_init", "payload": {"Authorization": "••••"}}'
    drawn = Diagram("A greeting", (Turn((Arrow("client", "server", said),)),))
    (line,) = [line for line in drawn.mermaid.splitlines() if line.startswith("p0->>p1")]
    parts = [re.sub(r"#\d+;", "x", part) for part in line.partition(": ")[2].split("<br/>")]
    assert len(parts) > 1
    assert all(len(part) <= 44 for part in parts)
    assert f"client → server: {said}" in drawn.text


def test_who_sends_stands_before_those_who_only_receive() -> None:
    first = (Arrow("warehouse", "shop", "POST"), Arrow("shop", "app", "sold", "push"))
    turns = (Turn(first), Turn((Arrow("shop", "partner", "POST"),)))
    assert Diagram("A sale", turns).participants == ("warehouse", "shop", "app", "partner")
