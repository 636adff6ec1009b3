"""Answers to `websocket.new_position`."""

from tests.exercises.answers.answer import Answers

new_position = Answers("websocket.new_position")


def is_echo_of_it(e):
    return e.request.path.startswith("/edit/") and any('"id": "insertion"' in m.text for m in e.messages)


@new_position.right
def character_by_character(position, updates):
    for update in updates:
        for _ in update["content"]:
            position += update["position"] <= position
        for _ in range(update["remove"]):
            position -= update["position"] < position
    return position


@new_position.right
def before_and_behind(position, updates):
    for update in updates:
        start, end = update["position"], update["position"] + update["remove"]
        if end <= position:
            position += len(update["content"]) - update["remove"]
        elif start < position:
            position = start
    return position


@new_position.wrong("a whole number is asked for", None)
def all_positions(position, updates):
    return [before_and_behind(position, updates[: count + 1]) for count in range(len(updates))]


@new_position.wrong("stay left of an insertion at the same place", is_echo_of_it)
def ties_stay_left(position, updates):
    for update in updates:
        if update["position"] < position:
            position += len(update["content"]) - min(update["remove"], position - update["position"])
    return position


@new_position.wrong("the position as it was", is_echo_of_it)
def unmoved(position, updates):
    return position


@new_position.wrong("those behind it too", is_echo_of_it)
def moved_by_all(position, updates):
    return position + sum(len(update["content"]) - update["remove"] for update in updates)


@new_position.wrong("count the bytes", is_echo_of_it)
def bytes_for_characters(position, updates):
    for update in updates:
        if update["position"] <= position:
            position += len(update["content"].encode()) - min(update["remove"], position - update["position"])
    return position


@new_position.wrong("by one for each update", is_echo_of_it)
def steps_of_one(position, updates):
    for update in updates:
        if update["position"] <= position:
            position += 1 if update["content"] else -1
    return position


@new_position.wrong("the position that you began with", is_echo_of_it)
def all_compared_with_the_first(position, updates):
    before = [update for update in updates if update["position"] <= position]
    return position + sum(len(it["content"]) - min(it["remove"], position - it["position"]) for it in before)


@new_position.wrong("do not heed what is removed", is_echo_of_it)
def insertions_alone(position, updates):
    for update in updates:
        if update["position"] <= position:
            position += len(update["content"])
    return position


@new_position.wrong("to the right where something is removed", is_echo_of_it)
def the_wrong_sign(position, updates):
    for update in updates:
        if update["position"] <= position:
            position += len(update["content"]) + min(update["remove"], position - update["position"])
    return position


@new_position.wrong("although some of it stood behind your place", is_echo_of_it)
def all_that_is_removed(position, updates):
    for update in updates:
        if update["position"] <= position:
            position += len(update["content"]) - update["remove"]
    return position


@new_position.wrong("keep a place that has been removed", is_echo_of_it)
def removals_before_it_alone(position, updates):
    for update in updates:
        if update["position"] <= position:
            position += len(update["content"])
            position -= update["remove"] if update["position"] + update["remove"] <= position else 0
    return position


@new_position.wrong("belongs to another place", is_echo_of_it)
def one_too_far(position, updates):
    return before_and_behind(position, updates) + 1
