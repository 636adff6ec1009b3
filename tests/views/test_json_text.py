import json

import pytest

from course_support.views.json_text import WIDTH, compact, pretty, read


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', '{"n": 1.50, "e": 1e400, "big": 10000000000000000000001}', '["é", null]']
)
def test_nothing_is_lost_on_the_way_through(text: str) -> None:
    assert compact(read(text)) == text


def test_what_fits_on_a_line_stays_on_it() -> None:
    value = {"playlists": [{"id": n, "name": "Workout Mix", "songs": 12} for n in range(3)]}
    assert pretty(read(json.dumps(value))).splitlines() == [
        "{",
        '  "playlists": [',
        '    {"id": 0, "name": "Workout Mix", "songs": 12},',
        '    {"id": 1, "name": "Workout Mix", "songs": 12},',
        '    {"id": 2, "name": "Workout Mix", "songs": 12}',
        "  ]",
        "}",
    ]


def test_laid_out_json_is_the_same_json() -> None:
    value = {"a": [1, {"b": "x" * WIDTH, "c": []}], "d": {"e": {}, "f": "\n\t\x1b"}, "": None}
    assert json.loads(pretty(read(json.dumps(value)))) == value


@pytest.mark.parametrize("text", ["", "{", "name=x", "[" * 100_000])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own, whatever its words
        read(text)
