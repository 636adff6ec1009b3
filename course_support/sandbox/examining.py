"""An examiner in a network of its own, which a kernel can be let into: it sees 127.0.0.1 and nothing else."""

from __future__ import annotations

import os
import resource
import socket
from pathlib import Path
from typing import Any

from course_support.sandbox import messages, namespaces
from course_support.sandbox.zygote import Work

MOST_MEMORY = 2 * 2**30  # bytes, for what a kernel may make this process hold
MOST_OPEN = 1024  # descriptors: connections above all


def work(exercises: str) -> Work:
    """What a fork server does for a request: an examiner of these exercises with the request's `seed` and `log`."""
    from course_support.examiner import Examiner, exercises_of
    from course_support.server import Server

    known = exercises_of(exercises)

    def serve(request: dict[str, Any], descriptors: list[int], asker: socket.socket) -> int:
        namespaces.map_user()
        namespaces.unshare(namespaces.NEWNET | namespaces.NEWIPC)
        namespaces.loopback_up()
        opened = [os.open(f"/proc/self/ns/{kind}", os.O_RDONLY) for kind in ("user", "net")]
        namespaces.drop_capabilities()
        namespaces.limit([(resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_NOFILE, MOST_OPEN)])
        examiner = Examiner(known, seed=request["seed"], graded=True, log=Path(request["log"]))
        with Server(examiner.app) as server:
            messages.send(asker, {"url": server.url}, opened)
            asker.recv(1)  # until whoever asked has gone
        return 0

    return serve
