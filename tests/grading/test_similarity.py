import random

import pytest

from course_support.grading import similarity

STUB = 'def every_page(url):\n    """The names of all tracks."""\n    raise NotImplementedError'
WORDS = ["pages", "next", "link", "json", "status", "get", "headers", "params", "tracks", "while", "if", "for", "in",
         "not", "=", "==", "(", ")", "[", "]", ".", ",", ":", "+", "1", "2", "'name'", "'url'"]  # fmt: skip


def written(seed, size=150):
    drawn = random.Random(seed)
    return f"{STUB[:-25]}    {' '.join(drawn.choice(WORDS) for _ in range(size))}"


def groups(answers):
    return [
        (group.learners, group.share)
        for group in similarity.alike("rest.a", {who: similarity.runs(text, STUB) for who, text in answers.items()})
    ]


def class_of(**answers):
    return {f"learner {number:03}": written(number) for number in range(30)} | answers


def test_layout_comments_and_chosen_names_do_not_hide_a_copy():
    copy = "# all my own work\n" + written(3).replace(" pages ", " seiten ").replace(" + ", "  +\n        ")
    assert groups(class_of(copycat=copy)) == [(("copycat", "learner 003"), 1.0)]


def test_a_copy_with_a_few_changes_is_near():
    ((learners, share),) = groups(class_of(copycat=written(3) + "\n    print(len(tracks))\n    return tracks"))
    assert learners == ("copycat", "learner 003")
    assert similarity.ALIKE <= share < 1


def test_a_chain_of_copies_is_one_group():
    found = groups(class_of(b=written(3), c=written(3) + "\n    print(1, 2, 3)", d=written(5)))
    assert [learners for learners, _ in found] == [("d", "learner 005"), ("b", "c", "learner 003")]


def test_nobody_copied_who_wrote_on_their_own():
    assert groups(class_of()) == []


def test_short_answers_and_stubs_tell_nothing():
    short = f"{STUB[:-25]}    return [track['name'] for track in requests.get(url).json()]"
    assert groups({f"learner {number}": short for number in range(30)}) == []
    assert groups({f"learner {number}": STUB for number in range(30)}) == []
    assert groups(class_of(one=short, two=short)) != []  # where the others write at length


def test_what_much_of_the_class_has_in_common_tells_nothing():
    common = written(1, 80)
    assert groups({f"learner {number}": f"{common}\n    {number}" for number in range(30)}) == []


def test_a_ring_is_found_however_large():
    ring = {f"ring {number}": written(99) for number in range(12)}
    assert groups(class_of() | ring) == [(tuple(sorted(ring)), 1.0)]


def test_the_same_answers_give_the_same_hint_in_any_order():
    answers = class_of(b=written(3), c=written(3) + "\n    print(1, 2, 3)")
    assert groups(answers) == groups(dict(reversed(answers.items())))


@pytest.mark.parametrize("text", ['"""\\"""', "'", '"\\', "(", "\\", "rb'", "é\0", "%%bash\n", "\t "])
def test_no_text_is_too_strange(text):
    assert len(similarity.tokens(text * 50_000)) <= similarity.MAX_TOKENS


def test_two_who_are_alike_in_much_are_told_whoever_joins_them_here_and_there():
    groups = [("ann", "ben"), ("ann", "ben", "cem"), ("ann", "ben", "dan"), ("ann", "cem"), tuple("abcdefghi")]
    found = [similarity.Alike(f"rest.{number}", learners, 1.0) for number, learners in enumerate(groups)]
    assert similarity.together(found) == [(("ann", "ben"), 3)]
