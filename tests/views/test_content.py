import gzip

import pytest

from course_support.views import content
from course_support.views.content import MAX_LINE, MAX_LINES, Shown, shown
from course_support.wire import Fields, Response
from tests.factories import Pairs, response


def test_no_content_has_no_lines() -> None:
    assert shown(response(204)) == Shown()


def test_text_is_shown_line_by_line() -> None:
    assert shown(response(body="one\ntwo\r\nthree")) == Shown(("one", "two", "three"))


def test_json_is_laid_out_and_its_secrets_hidden() -> None:
    body = '{"description":"' + "x" * 60 + '","token":"hunter2"}'
    assert shown(response(body=body)).lines == ("{", f'  "description": "{"x" * 60}",', '  "token": "••••"', "}")


def test_long_content_is_cut_with_a_sentence() -> None:
    seen = shown(response(body="line\n" * (MAX_LINES + 3)))
    assert seen.lines == ("line",) * MAX_LINES
    assert seen.remarks == ("3 more lines not shown",)


def test_a_long_line_is_cut_with_a_count() -> None:
    (line,) = shown(response(body="x" * (MAX_LINE + 1))).lines
    assert line == "x" * MAX_LINE + "… (1 more character)"


def test_a_secret_is_hidden_before_content_is_cut() -> None:
    body = "x" * (MAX_LINE - 9) + " token=hunter2"
    assert "hunter2"[:2] not in "".join(shown(response(body=body)).lines)


def test_a_query_of_several_lines_is_shown_again_with_them() -> None:
    seen = shown(response(body='{"query": "{\\n  event(password: \\"hunter2\\") { name }\\n}", "name": "one line"}'))
    assert seen.unfolded == (("query, with its line breaks", ("{", '  event(password: "••••") { name }', "}")),)


def test_a_secret_of_several_lines_is_not_shown_again() -> None:
    assert shown(response(body='{"private_key": "-----BEGIN\\nhunter2"}')).unfolded == ()


def test_content_that_is_not_utf8_is_shown_in_hexadecimal() -> None:
    seen = shown(response(body=b"\xff\x00" * 50))
    assert seen.lines == ("ff 00 ff 00 ff 00 ff 00 ff 00 ff 00 ff 00 ff 00",) * 4
    assert seen.remarks == ("100 B that are not UTF-8 text, the first 64 of them in hexadecimal",)


def test_secrets_are_hidden_in_hexadecimal_too() -> None:
    assert b"hunter2".hex(" ") not in " ".join(shown(response(body=b"password=hunter2 \xff")).lines)


@pytest.mark.parametrize("packed", [gzip.compress(b"plain", mtime=0), b"plain"])
def test_compressed_content_is_unpacked_and_a_wrong_label_survived(packed: bytes) -> None:
    seen = shown(response(fields=(("Content-Encoding", "gzip"),), body=packed))
    assert seen.lines == ("plain",)
    assert bool(seen.remarks) == (packed != b"plain")


def test_a_decompression_bomb_is_unpacked_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MAX_UNPACKED", 100)
    bomb = Response(200, "OK", Fields((("Content-Encoding", "gzip"),)), gzip.compress(b"x" * 10_000))
    assert shown(bomb).lines == ("x" * 100,)


@pytest.mark.parametrize("char", ["\x1b", "\x00", "\u202e", "\x85", "\u200b", "\x7f"])
def test_characters_that_a_terminal_obeys_are_spelled_out(char: str) -> None:
    assert char not in content.visible(f"a{char}b")
    assert content.visible(f"a{char}b").startswith("a\\")


@pytest.mark.parametrize("text", ["Café Δ 日本 🎵", "a\tb", "no\u00a0break"])
def test_other_characters_stay(text: str) -> None:
    assert content.visible(text) == text


def test_deeply_nested_json_is_shown_as_it_came() -> None:
    fields: Pairs = (("Content-Type", "application/json"),)
    assert shown(response(fields=fields, body="[" * 50_000 + "]" * 50_000)).lines[0].startswith("[[[[")


XML: Pairs = (("Content-Type", "application/soap+xml; charset=utf-8"),)


def test_xml_is_laid_out_and_its_secrets_hidden() -> None:
    seen = shown(response(fields=XML, body="<a><Password>hunter2</Password><b/></a>"))
    assert seen.lines == ("<a>", "  <Password>••••</Password>", "  <b/>", "</a>")


def test_xml_that_does_not_parse_is_shown_as_it_came() -> None:
    assert shown(response(fields=XML, body="<a><b></a>")).lines == ("<a><b></a>",)


def test_xml_in_utf_16_is_shown_as_text() -> None:
    body = "<a><Password>hunter2</Password></a>".encode("utf-16")
    assert shown(response(fields=XML, body=body)).lines == ("<a>", "  <Password>••••</Password>", "</a>")


def test_an_entity_bomb_is_not_set_off() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "' + "x" * 9 + '"><!ENTITY c "' + "&b;" * 9 + '">]><a>&c;</a>'
    assert "&c;" in shown(response(fields=XML, body=bomb)).lines[0]
