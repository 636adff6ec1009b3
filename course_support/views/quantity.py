"""One spelling of bytes, times and numbers in every view, so that outputs can be compared from run to run."""

from __future__ import annotations

TIME_WIDTH = 9  # "9999.9 ms"
TIME_UNITS = ("ms", "s")


def bytes_text(count: int) -> str:
    """A number of bytes: `1,234 B`."""
    return f"{count:,} B"


def seconds_text(seconds: float) -> str:
    """A time given in seconds: `12.3 ms`, and from ten seconds on `12.30 s`."""
    return f"{seconds:.2f} s" if seconds >= 10 else f"{seconds * 1000:.1f} ms"


def number_text(number: float, unit: str = "") -> str:
    """A number with its unit: `1,234 B`, `0.31`; times, given in `ms` or `s`, as `seconds_text` spells them."""
    if unit in TIME_UNITS:
        return seconds_text(number / 1000 if unit == "ms" else number)
    digits = f"{number:,.0f}" if float(number).is_integer() else f"{number:,.2f}"
    return f"{digits} {unit}".rstrip()


def count_text(count: int, noun: str) -> str:
    """`1 exchange`, `2 exchanges`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
