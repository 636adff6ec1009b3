"""The same grading on a cluster, whose workers may die: every grade is there all the same."""

import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import dask
import pytest
from distributed import Client, LocalCluster

from course_support import grading
from course_support.grading import crew as crews
from course_support.grading.course import Course, course
from course_support.grading.crew import Lost
from course_support.grading.errors import GradingError
from tests.grading import tiny
from tests.grading.conftest import RIGHT, answered, as_bytes
from tests.grading.test_resuming import content, kept

pytestmark = pytest.mark.slow


@contextmanager
def two_workers():
    # a job that has killed one worker is given up by the cluster, so that the second try is ours
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0") as cluster,
    ):
        yield cluster


@pytest.fixture(scope="module")
def cluster():
    with two_workers() as cluster:
        yield cluster


def processes(cluster):
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        return list(client.run(os.getpid).values())


def slowly(number):
    time.sleep(0.05)
    return number, os.getpid()


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def jobs(count):
    return [(str(number), (slowly, number)) for number in range(count)]


def never():
    raise AssertionError("the cluster is there")


def test_what_a_dead_worker_took_with_it_is_done_by_the_others(cluster):
    numbers = []
    with crews.cluster(cluster.scheduler_address, never) as crew:
        for _, (number, process) in crew.carry_out(jobs(100)):
            numbers.append(number)
            if len(numbers) == 5:
                os.kill(process, signal.SIGKILL)
    assert sorted(numbers) == list(range(100))


def test_a_job_that_kills_its_workers_does_not_stop_the_others(cluster):
    with crews.cluster(cluster.scheduler_address, never) as crew:
        results = dict(crew.carry_out([("deadly", (die,)), *jobs(20)]))
    assert isinstance(results.pop("deadly"), Lost)
    assert {number for number, _ in results.values()} == set(range(20))


def test_a_worker_with_another_course_is_refused(cluster, solutions):
    here = course(solutions)
    with crews.cluster(cluster.scheduler_address, never) as crew:
        assert crew.ask(here.call(slowly, 7))[0] == 7
        with pytest.raises(GradingError, match="A worker has another version of the course"):
            crew.ask(Course("0123", here.solutions).call(slowly, 7))


def test_this_machine_goes_on_where_the_cluster_has_gone(monkeypatch):
    monkeypatch.setattr(crews, "PATIENCE", 1)
    told = []
    with two_workers() as cluster, crews.cluster(cluster.scheduler_address, lambda: told.append(1)) as crew:
        results = {}
        for key, (_, process) in crew.carry_out(jobs(100)):
            results[key] = process
            if len(results) == 5:
                cluster.close()
    assert len(results) == 100
    assert os.getpid() in results.values()
    assert told == [1]


def test_a_class_graded_on_a_cluster_that_loses_a_worker_has_the_same_report(cluster, solutions, tmp_path):
    folder = tmp_path / "handed_in"
    folder.mkdir()
    for number in range(12):
        answer = f"def shout(text):\n    return text.{'upper' if number % 2 else 'lower'}()  # {number}"
        (folder / f"learner{number:02}.ipynb").write_bytes(as_bytes(answered(**RIGHT | {"shout": answer})))
    kinds = {"solutions": solutions, "settings": replace(tiny.SETTINGS, seed="5"), "progress": False}
    grading.grade_folder(folder, tmp_path / "here", **kinds)

    def lose_one():
        while kept(tmp_path / "there") < 4:
            time.sleep(0.01)
        os.kill(processes(cluster)[0], signal.SIGKILL)

    loss = threading.Thread(target=lose_one)
    loss.start()
    summary = grading.grade_folder(folder, tmp_path / "there", cluster=cluster.scheduler_address, **kinds)
    loss.join()
    assert (summary.files, summary.failures) == (12, 0)
    assert content(tmp_path / "there") == content(tmp_path / "here")
