"""Four small exercises and their examiner, so that tests of grading do not hang on a lesson's."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from course_support.exercise import URL, Exercise, Scene
from course_support.grading.run import Settings
from course_support.verdict import PASSED, wrong


def app(number=0):
    async def tell(request):
        return JSONResponse({"number": number, "at": str(request.url)})

    return Starlette(routes=[Route("/number", tell)])


def _fetch_scenes(drawn):
    number = drawn.randrange(10**9)
    return [Scene(app(number), {"url": URL}, {"value": number})]


def _double_scenes(drawn):
    numbers = [drawn.randrange(10**9) for _ in range(2)]
    return [Scene(app(), {"x": x}, {"value": 2 * x}) for x in numbers]


def _shout_scenes(drawn):
    text = "".join(drawn.choices("abcdef", k=12))
    return [Scene(app(), {"text": text}, {"value": text.upper()})]


def _judge(evidence):
    if evidence.value == evidence.expected["value"]:
        return PASSED
    return wrong("The value is not right.", evidence.last, expected=evidence.expected["value"], seen=evidence.value)


EXERCISES = (
    Exercise("tiny.double", "Double a number", 1, ("a", "b"), _double_scenes, _judge),
    Exercise("tiny.shout", "Shout <loudly>", 2, ("a", "b"), _shout_scenes, _judge),
    Exercise("tiny.fetch", "Fetch a number", 3, ("a", "b"), _fetch_scenes, _judge),
    Exercise("tiny.again", "Double again", 1, ("a", "b"), _double_scenes, _judge),
)


def all_exercises():
    return {exercise.name: exercise for exercise in EXERCISES}


ANSWERS = {
    "double": "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
    "shout": "def shout(text):\n    ### BEGIN SOLUTION\n    return text.upper()\n    ### END SOLUTION",
    "fetch": "def fetch(url):\n    ### BEGIN SOLUTION\n    return requests.get(f'{url}/number').json()['number']\n"
    "    ### END SOLUTION",
    "again": "def again(x):\n    ### BEGIN SOLUTION\n    return x + x\n    ### END SOLUTION",
}
SETTINGS = Settings(exercises=str(Path(__file__).resolve()), cell_seconds=8, output_bytes=500_000)
CATALOGUE = {exercise.name: (exercise.title, exercise.points) for exercise in EXERCISES}


def code(cell_id, source, **more):
    return {"cell_type": "code", "id": cell_id, "metadata": {}, "source": source, "outputs": [],
            "execution_count": None} | more  # fmt: skip


def passed(name):
    points = CATALOGUE[f"tiny.{name}"][1]
    line = f"✔ tiny.{name} passed ({points} of {points} point{'s' * (points > 1)})"
    output = {"output_type": "display_data", "data": {"text/plain": line}, "metadata": {}}
    return {"outputs": [output], "execution_count": 3}


def solutions():
    cells = [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# Tiny: exercises"},
        code("setup", 'import requests\n\nimport course_support as course\n\ntiny = course.worksheet("tiny")'),
    ]
    for name, answer in ANSWERS.items():
        cells += [
            {"cell_type": "markdown", "id": f"task-tiny-{name}", "metadata": {}, "source": f"## {name}"},
            code(f"answer-tiny-{name}", answer),
            code(f"check-tiny-{name}", f"tiny.{name}.check({name})", **passed(name)),
        ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
