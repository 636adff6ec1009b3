"""The command `course`: open the course, build it, serve a backend on its own, grade,
and look for what is missing."""

from __future__ import annotations

import argparse
import json
import os
import pkgutil
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from inspect import signature
from pathlib import Path

from course_support import backends
from course_support.errors import CourseError

Command = Callable[[argparse.Namespace], int]
EXAMPLES = {
    "lab": "course lab --no-browser --port 9000",
    "build": "course build --check",
    "serve": "course serve rest --port 8080",
    "grade": "course grade handed_in/ -o report/",
    "doctor": "course doctor",
}


GRADE_EXAMPLES = """examples:
  course grade handed_in/ -o report/
  course grade handed_in/ -o report/ --roster class.csv --require-isolation sandbox
  course grade handed_in/ -o report/ --cluster tcp://192.0.2.7:8786
  course grade handed_in/ -o again/ --seed 5f0c2a9be1d47f36      replays a report, whose seed it tells

exit status: 0 all graded, 1 the grader itself failed on some files (run it again), 2 bad input, 130 stopped"""
STOPPED = 130  # as of a shell, 128 and the number of SIGINT


class Usage(CourseError):
    """A command line that asks for what there is not."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0, 1 for what was found wanting, or 2 for bad input."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        return command(options)
    except CourseError as error:
        print(f"course: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    examples = "\n  ".join(("examples:", *EXAMPLES.values()))
    parser = argparse.ArgumentParser(
        prog="course", description=__doc__, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    lab = _add(commands, "lab", _lab, "open the course in JupyterLab")
    lab.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
    lab.add_argument("--port", type=_port, default=8888, help="the first port to try (default: %(default)s)")

    build = _add(commands, "build", _build, "derive the exercises and the lessons' closing sections from solutions/")
    either = build.add_mutually_exclusive_group()
    either.add_argument("--check", action="store_true", help="write nothing, and fail if something is out of date")
    either.add_argument(
        "--nbgrader", type=Path, metavar="DIR", help="write the exercises as source assignments of nbgrader too"
    )
    build.add_argument(
        "--run",
        nargs="*",
        metavar="LESSON",
        help="run lessons such as 01_rest and their solutions first and store their outputs; all if none is named",
    )

    serve = _add(commands, "serve", _serve, "serve a backend on its own, until Ctrl+C")
    serve.add_argument("name", metavar="NAME", help=f"one of: {', '.join(_backends())}")
    serve.add_argument("--port", type=_port, default=0, help="the port (default: a free one)")
    serve.add_argument("--seed", type=int, default=1, help="decides data and tokens (default: %(default)s)")
    serve.add_argument("--json", action="store_true", help="print one line of JSON, for scripts")

    _add_grade(commands)

    _add(commands, "doctor", _doctor, "look for what is missing on this machine")
    return parser


def _add_grade(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    grade = _add(commands, "grade", _grade, "grade a folder of notebooks; broken off, the same command goes on")
    grade.formatter_class, grade.epilog = argparse.RawDescriptionHelpFormatter, GRADE_EXAMPLES
    grade.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help="the folder that holds what was handed in")
    grade.add_argument("-o", "--output", type=Path, required=True, metavar="REPORT", help="the folder for the report")
    grade.add_argument("--roster", type=Path, metavar="FILE", help="the class list, a CSV file with a header")
    grade.add_argument("--seed", type=_seed, metavar="TEXT", help="draw the same values as a report before")
    where = grade.add_mutually_exclusive_group()
    where.add_argument("--workers", type=_workers, metavar="N", help="how many at a time (default: the cores and one)")
    where.add_argument(
        "--cluster", default="", metavar="ADDRESS", help="a dask.distributed scheduler whose workers grade"
    )
    grade.add_argument(
        "--require-isolation",
        default="",
        metavar="LEVEL",
        help="grade nothing where answers are kept apart from the machine less well: sandbox, user or process",
    )


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: Command, about: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=f"{about[0].upper()}{about[1:]}.", epilog=f"example: {EXAMPLES[name]}"
    )
    parser.set_defaults(command=run)
    return parser


def _lab(options: argparse.Namespace) -> int:
    from course_support.lab import open_lab

    return open_lab(port=options.port, browser=not options.no_browser)


def _build(options: argparse.Namespace) -> int:
    from course_support.authoring import build

    changed = build(_root(), check=options.check, run=options.run)
    for path in changed:
        print(f"{'out of date' if options.check else 'built'}: {path}")
    if options.check and changed:
        print("Run `course build` and commit what it changes.")
    if options.nbgrader:
        _build_for_nbgrader(options.nbgrader)
    return int(options.check and bool(changed))


def _build_for_nbgrader(folder: Path) -> None:
    from course_support import bridge

    for name in bridge.write(_root() / "solutions", folder):
        print(f"built: {folder / name}")


def _serve(options: argparse.Namespace) -> int:
    if options.name not in _backends():
        raise Usage(f"there is no backend {options.name!r}: choose one of {', '.join(_backends())}.")
    from course_support.server import Server

    stopped = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stopped.set())
    make = import_module(f"{backends.__name__}.{options.name}").app
    # whoever verifies its signatures with a library compares the real time
    now = {"start": datetime.now(UTC)} if "start" in signature(make).parameters else {}
    app = make(options.seed, **now)
    with Server(app, port=options.port) as server:
        line = {"name": options.name, "url": server.url, "credentials": server.credentials}
        print(json.dumps(line) if options.json else f"{server.card.text}\n\nCtrl+C stops it.", flush=True)
        while not stopped.wait(1):  # on Windows a wait without an end would not hear Ctrl+C
            pass
    return 0


def _grade(options: argparse.Namespace) -> int:
    from course_support.grading import Settings, grade_folder

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        summary = grade_folder(
            options.submissions,
            options.output,
            settings=Settings(seed=options.seed or "", require=options.require_isolation),
            workers=options.workers,
            cluster=options.cluster,
            roster=options.roster,
        )
    except KeyboardInterrupt:
        print("course: stopped; what is graded is kept, and the same command goes on from there.", file=sys.stderr)
        sys.stderr.flush()
        os._exit(STOPPED)  # threads that wait for what runs too long would be waited for
    print(summary)
    return int(bool(summary.failures))


def _doctor(options: argparse.Namespace) -> int:
    from course_support.doctor import examine

    return examine()


def _backends() -> list[str]:
    """The backends by name: the modules of the package that have an `app`."""
    found = [module.name for module in pkgutil.iter_modules(backends.__path__)]
    return [name for name in found if hasattr(import_module(f"{backends.__name__}.{name}"), "app")]


def _root() -> Path:
    root = Path(__file__).resolve().parent.parent
    if not (root / "notebooks").is_dir():
        raise Usage("the notebooks are not beside the package: install the course with `make lab` from its folder.")
    return root


def _seed(text: str) -> str:
    if not text.isprintable() or not 0 < len(text) <= 100:
        raise argparse.ArgumentTypeError("a seed is a word or a line of at most 100 characters.")
    return text


def _workers(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of workers: give one from 1 to 1000.")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to 65535.")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
