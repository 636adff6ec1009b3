from course_support.views.table import text_table


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert text_table([("a", "1"), ("bbb", "22")], "<>") == ["a     1", "bbb  22"]


def test_a_least_width_keeps_lines_alike() -> None:
    short, long = (text_table([("time",), (cell,)], ">", (9,)) for cell in ("9.8 ms", "1234.5 ms"))
    assert short[0] == long[0] == "     time"
    assert [len(short[1]), len(long[1])] == [9, 9]


def test_no_rows() -> None:
    assert text_table([], "<>") == []
