import os
import signal
import sys
import threading
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from course_support.grading import crew as crews
from course_support.grading.course import Course, course, fingerprint, same
from course_support.grading.crew import Crew, Lost
from course_support.grading.errors import GradingError


def twice(number):
    return 2 * number


def refuse():
    raise GradingError("no")


def break_down():
    raise BrokenExecutor("gone")


def die_away_from(process):
    if os.getpid() != process:
        os.kill(os.getpid(), signal.SIGKILL)
    return "here"


def jobs(count, *last):
    return [(str(number), (twice, number)) for number in range(count)] + list(last)


class Fragile(Executor):
    """Loses its worker with whatever it is given, but takes on more."""

    def submit(self, function, *arguments):
        future = Future()
        future.set_exception(BrokenExecutor("gone"))
        return future


@pytest.fixture
def crew():
    with crews.local(3) as crew:
        yield crew


def test_every_job_is_done_with_few_under_way(crew):
    begun, ended = [], []

    def coming():
        for number in range(50):
            begun.append(number)
            assert len(begun) - len(ended) <= 6
            yield str(number), (twice, number)

    results = {}
    for key, result in crew.carry_out(coming()):
        ended.append(key)
        results[key] = result
    assert results == {str(number): 2 * number for number in range(50)}


def test_jobs_go_on_beside_a_slow_one(crew):
    others_are_done = threading.Event()
    ended = []
    for key, _ in crew.carry_out([("slow", (others_are_done.wait, 20)), *jobs(40)]):
        ended.append(key)
        if len(ended) == 40:
            others_are_done.set()
    assert ended[-1] == "slow"


def test_an_error_that_stops_it_all_comes_through(crew):
    with pytest.raises(GradingError, match="no"):
        list(crew.carry_out(jobs(3, ("refused", (refuse,)))))


def test_where_no_more_come_what_is_under_way_is_handed_out_first(crew):
    def coming():
        yield from jobs(3)
        refuse()

    results = []
    with pytest.raises(GradingError, match="no"):
        results.extend(crew.carry_out(coming()))
    assert len(results) == 3


def test_what_is_lost_is_done_once_more_and_then_told():
    tries = []

    class Counting(Fragile):
        def submit(self, *call):
            tries.append(call)
            return super().submit(*call)

    with Crew(Counting(), 2) as crew:
        assert list(crew.carry_out(jobs(1))) == [("0", Lost("BrokenExecutor('gone')"))]
        assert len(tries) == 2
        with pytest.raises(GradingError, match="No worker could do its job"):
            crew.ask((twice, 1))


def test_a_failure_is_tried_once_more(crew):
    results = iter(["failed", "right"])
    assert list(crew.carry_out([("a", (next, results))], lambda result: result == "failed")) == [("a", "right")]


def test_this_machine_goes_on_where_a_pool_has_lost_its_process():
    told = []
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        crews.others(pool, lambda: told.append(1)) as crew,
    ):
        results = dict(crew.carry_out([("deadly", (die_away_from, os.getpid())), *jobs(60)]))
    assert results == {"deadly": "here"} | {str(number): 2 * number for number in range(60)}
    assert told == [1]


def test_this_machine_goes_on_where_workers_have_gone_silent():
    class Silent(Executor):
        def submit(self, function, *arguments):
            return Future()

    with Crew(Silent(), 4, is_lost=lambda: True) as crew:
        assert dict(crew.carry_out(jobs(9))) == {str(number): 2 * number for number in range(9)}


def test_whoever_breaks_it_off_ends_what_runs():
    begun, ended = threading.Event(), threading.Event()

    def last():
        begun.set()
        ended.wait(60)

    with crews.threads(1) as pool, Crew(pool, 4, break_off=ended.set) as crew:
        running = crew.carry_out([("0", (twice, 0)), ("long", (last,)), *jobs(9)])
        next(running)
        begun.wait(60)
        running.close()
        assert ended.is_set()


def test_the_library_for_clusters_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(GradingError, match="pip install"), crews.cluster("tcp://127.0.0.1:1", print):
        pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "odd://x:1"])
def test_a_cluster_that_does_not_answer_is_one_sentence(address, monkeypatch):
    monkeypatch.setattr(crews, "CONNECT", 1)
    with pytest.raises(GradingError, match=f"No cluster answers at {address}"), crews.cluster(address, print):
        pass


def test_a_worker_with_another_course_is_refused(solutions):
    here = course(solutions)
    assert same(here, twice, 2) == 4
    assert here.version != fingerprint()
    with pytest.raises(GradingError, match="another version of the course"):
        same(Course("0123", here.solutions), twice, 2)


def test_other_solutions_are_another_course(solutions):
    before = course(solutions).version
    fingerprint.cache_clear()
    assert course(solutions).version == before
    path = next(solutions.iterdir())
    path.write_text(path.read_text().replace("2 * x", "x * 2"))
    assert course(solutions).version == before  # what this process has loaded
    fingerprint.cache_clear()
    assert course(solutions).version != before
