"""Answers to `websocket.waits`."""

import random
from itertools import repeat

from tests.exercises.answers.answer import Answers

waits = Answers("websocket.waits")


def limits(attempts, first, most):
    return [min(most, first * 2**attempt) for attempt in range(attempts)]


@waits.right
def a_limit_that_is_doubled(attempts, first, most):
    seconds, limit = [], first
    for _ in range(attempts):
        seconds.append(limit * random.random())
        limit = min(2 * limit, most)
    return seconds


@waits.right
def to_the_hundredth_by_another_generator(attempts, first, most):
    draw = random.SystemRandom()
    return [round(draw.uniform(0, limit), 2) for limit in limits(attempts, first, most)]


@waits.wrong("where a list is asked for", None)
def the_last_wait_alone(attempts, first, most):
    return random.uniform(0, limits(attempts, first, most)[-1])


@waits.wrong("waits for", None)
def none_before_the_first(attempts, first, most):
    return [random.uniform(0, limit) for limit in limits(attempts, first, most)][1:]


@waits.wrong("is nothing (None), not a number", None)
def what_sleep_returns(attempts, first, most):
    return [None for _ in range(attempts)]


@waits.wrong("is less than nothing", None)
def around_nothing(attempts, first, most):
    return [-first, *(random.uniform(-limit, limit) for limit in limits(attempts, first, most)[1:])]


@waits.wrong("the most that was allowed", None)
def without_an_end(attempts, first, most):
    return [random.uniform(0.5, 1) * first * 2**attempt for attempt in range(attempts)]


@waits.wrong("You add the random time to the limit", None)
def jitter_on_top(attempts, first, most):
    return [limit + random.uniform(0, limit) for limit in limits(attempts, first, most)]


@waits.wrong("doubles once too early", None)
def counted_from_one(attempts, first, most):
    return [random.uniform(0.6, 1) * min(most, first * 2**attempt) for attempt in range(1, attempts + 1)]


@waits.wrong("you wait longer than", None)
def tripled(attempts, first, most):
    return [random.uniform(0.9, 1) * min(most, first * 3**attempt) for attempt in range(attempts)]


@waits.wrong("without any jitter", None)
def no_jitter(attempts, first, most):
    return limits(attempts, first, most)


@waits.wrong("the same share of its limit", None)
def one_random_number_for_all(attempts, first, most):
    return [share * limit for share, limit in zip(repeat(0.37), limits(attempts, first, most), strict=False)]


@waits.wrong("so the clients come back together after all", None)
def cut_off_after_the_draw(attempts, first, most):
    return [min(most, random.uniform(0, first * 2**attempt)) for attempt in range(attempts)]


@waits.wrong("of the limit, and full jitter begins at nothing", None)
def equal_jitter(attempts, first, most):
    draw = random.Random(5)
    return [limit / 2 + draw.uniform(0, limit / 2) for limit in limits(attempts, first, most)]


@waits.wrong("do not grow as they should", None)
def below_the_first_limit_for_ever(attempts, first, most):
    return [random.uniform(0, first) for _ in range(attempts)]


@waits.wrong("None of your waits is above", None)
def at_most_half(attempts, first, most):
    return [random.uniform(0, limit / 2) for limit in limits(attempts, first, most)]


@waits.wrong("All of your waits are whole seconds", None)
def whole_seconds(attempts, first, most):
    return [int(random.uniform(0, limit)) for limit in limits(attempts, first, most)]


@waits.wrong("the same in each run", None)
def the_same_seed(attempts, first, most):
    draw = random.Random(42)
    return [draw.uniform(0, limit) for limit in limits(attempts, first, most)]
