"""Does in the box what every kernel's start does, and fails with an error where that is forbidden."""

from __future__ import annotations

import os

from course_support.sandbox import box, filter, kernel, namespaces


def main() -> None:
    namespaces.map_user()
    namespaces.unshare(namespaces.NEWNET | namespaces.NEWNS | namespaces.NEWIPC | namespaces.NEWUTS | namespaces.NEWPID)
    namespaces.loopback_up()
    kernel.furnish(box.SHARED, box.visible(), [])
    child = os.fork()
    if child:
        raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    namespaces.mount("proc", "/proc", "proc")
    namespaces.drop_capabilities()
    filter.install()


if __name__ == "__main__":
    main()
