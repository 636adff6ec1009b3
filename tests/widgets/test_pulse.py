"""Many events, few updates."""

from __future__ import annotations

import threading

from course_support.widgets.pulse import Pulse


def test_many_beats_are_one_call_in_another_thread() -> None:
    called = threading.Event()
    threads: list[threading.Thread] = []

    def work() -> None:
        threads.append(threading.current_thread())
        called.set()

    pulse = Pulse(work)
    for _ in range(100):
        pulse.beat()
    assert called.wait(10)
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


def test_a_beat_during_the_work_is_not_lost() -> None:
    calls: list[int] = []
    done = threading.Event()

    def work() -> None:
        calls.append(len(calls))
        if len(calls) == 1:
            pulse.beat()
        else:
            done.set()

    pulse = Pulse(work)
    pulse.beat()
    assert done.wait(10)
    assert calls == [0, 1]
