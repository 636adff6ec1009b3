"""What stands side by side, expected and seen, where the exchange alone is too long to show what is amiss."""

from __future__ import annotations

from tests.exercises.answers.batch import fitting
from tests.exercises.conftest import Examine


def test_a_group_left_out_is_told_by_its_first_contact(examine: Examine) -> None:
    seen = examine("batch.fit_in", fitting.the_last_group_forgotten).verdict.seen
    assert seen == "16 sent; the first one missing is 'birgit.630@yellow-door.example'"
