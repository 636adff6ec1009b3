"""What the shop makes of a traceparent that was sent, and what it sends on."""

from __future__ import annotations

import re

import pytest

from course_support.backends.shop_trace import Traces, trace_id

T, P = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize("sent", [f"00-{T}-{P}-01", f"00-{T}-{P}-00", f"01-{T}-{P}-01", f"cc-{T}-{P}-01-what-will-be"])
def test_a_trace_goes_on_under_a_new_parent(sent: str) -> None:
    assert trace_id(sent) == T
    version, trace, parent, flags = Traces(1).continued(sent).split("-")
    assert (version, trace, flags) == ("00", T, "01")
    assert parent != P


BAD = {
    "none": None,
    "a number": 7,
    "empty": "",
    "upper case": f"00-{T.upper()}-{P}-01",
    "zeros for a trace": f"00-{'0' * 32}-{P}-01",
    "zeros for a parent": f"00-{T}-{'0' * 16}-01",
    "version ff": f"ff-{T}-{P}-01",
    "more in version 00": f"00-{T}-{P}-01-x",
    "more without a dash": f"01-{T}-{P}-01x",
    "short": f"00-{T[1:]}-{P}-01",
    "a line break": f"00-{T}-{P}-01\n",
}


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD)
def test_a_bad_one_is_as_good_as_none(sent: object) -> None:
    assert trace_id(sent) is None
    made = Traces(1).continued(sent)
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", made)
    assert T not in made


def test_a_seed_makes_the_traces() -> None:
    one, same, other = Traces(1), Traces(1), Traces(2)
    made = [one.continued() for _ in range(3)]
    assert made == [same.continued() for _ in range(3)]
    assert len({*made, other.continued()}) == 4
