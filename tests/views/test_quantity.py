import pytest

from course_support.views.quantity import TIME_WIDTH, bytes_text, count_text, number_text, seconds_text


def test_bytes_are_grouped_by_thousands() -> None:
    assert bytes_text(1_234_567) == "1,234,567 B"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 ms"), (0.0123, "12.3 ms"), (9.9999, "9999.9 ms"), (10, "10.00 s"), (123.4, "123.40 s")],
)
def test_times_have_one_form_below_ten_seconds_and_one_from_there(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text
    assert len(text) <= TIME_WIDTH


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (1932, "B", "1,932 B"),
        (0.314, "", "0.31"),
        (3.0, "requests", "3 requests"),
        (1234.56, "ms", "1234.6 ms"),
        (12_000, "ms", "12.00 s"),
        (0.25, "s", "250.0 ms"),
    ],
)
def test_numbers_with_units(number: float, unit: str, text: str) -> None:
    assert number_text(number, unit) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows"), (1, "1 row"), (1200, "1,200 rows")])
def test_one_is_singular(count: int, text: str) -> None:
    assert count_text(count, "row") == text
