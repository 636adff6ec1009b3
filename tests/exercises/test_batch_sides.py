"""What stands side by side, expected and seen, where the exchange alone is too long to show what is amiss."""

from __future__ import annotations

from tests.exercises.answers.batch import fitting, predicting_items, serving, trying_again
from tests.exercises.conftest import Examine


def test_a_group_left_out_is_told_by_its_first_contact(examine: Examine) -> None:
    seen = examine("batch.fit_in", fitting.the_last_group_forgotten).verdict.seen
    assert seen == "16 sent; the first one missing is 'birgit.630@yellow-door.example'"


def test_a_contact_among_many_is_shown_with_what_was_known_before(examine: Examine) -> None:
    verdict = examine("batch.predict_items", predicting_items.what_was_there_before_alone).verdict
    assert verdict.cause.startswith("contacts[3] has an address that came before it")
    assert verdict.expected.startswith("200, as contacts[3] = {'name': ")
    assert "; before it contacts[1] = {'name': " in verdict.expected
    assert verdict.seen.startswith("201 at 3 of [")


def test_an_address_that_is_known_is_shown_as_the_list_has_it(examine: Examine) -> None:
    verdict = examine("batch.predict_items", predicting_items.letter_by_letter).verdict
    assert "'Dmitri.353@Yellow-Door.Example'" in verdict.expected
    assert verdict.expected.endswith("; before it known[2] = 'dmitri.353@yellow-door.example'")


def test_those_tried_again_are_told_by_their_places(examine: Examine) -> None:
    verdict = examine("batch.try_again", trying_again.duplicates_too).verdict
    assert (verdict.expected, verdict.seen) == ("corrected at 2, 3, 6, 7", "corrected at 1, 2, 3, 6, 7, 8")
    assert examine("batch.try_again", trying_again.the_same_again).verdict.seen == "contacts at 2, 3, 6, 7"


def test_a_reason_is_not_told_twice(examine: Examine) -> None:
    assert examine("batch.contacts_service", serving.a_route_for_get).verdict.seen == "405 Method Not Allowed"
