"""Attacks on what runs the check inside the learner's kernel: the worksheet, IPython, nbval, and Python itself."""

from __future__ import annotations

from tests.attacks.attack import LOST, WRONG, attack, spy

LINE = "✔ tiny.shout passed (2 of 2 points)"
TEXTS = dict.fromkeys(("cause", "expected", "seen", "next_step"), "")
PASSED = repr({"verdict": TEXTS | {"outcome": "passed", "exchange": None}, "outcome": "passed", "points": 2, "of": 2})
STUB = "\ndef shout(text):\n    return text\n"
INSTEAD = """
import sys
worksheet = sys.modules["course_support.worksheet"]
def instead(report, real=worksheet._reported):
    def reported(value):
        worksheet._reported = real
        return report
    worksheet._reported = reported
"""


def tamper(name: str, source: str, meets: str = WRONG) -> object:
    return attack("tampering", name, source + STUB, meets)


ATTACKS = (
    tamper("input transformer", f"""
def instead(lines):
    return ["print({LINE!r})"] if "tiny.shout.check" in "".join(lines) else lines
get_ipython().input_transformers_cleanup.append(instead)""", LOST),
    tamper("syntax tree transformer", f"""
import ast
class Instead(ast.NodeTransformer):
    def visit_Call(self, node):
        if "shout" in ast.dump(node) and "check" in ast.dump(node):
            return ast.parse("print({LINE!r})").body[0].value
        return node
get_ipython().ast_transformers.append(Instead())""", LOST),
    tamper("another worksheet", f"""
class Fake:
    def __init__(self, real): self.real = real
    def __getattr__(self, name): return self if name == "shout" else getattr(self.real, name)
    def check(self, answer): print({LINE!r})
tiny = Fake(tiny)""", LOST),
    tamper("another check", f"""
Task = type(tiny.shout)
real = Task.check
def check(self, answer):
    print({LINE!r}) if self.name == "tiny.shout" else real(self, answer)
Task.check = check""", LOST),
    tamper("verdict that always passed", """
from course_support import verdict, feedback
verdict.Verdict.passed = property(lambda self: True)
verdict.Verdict.from_json = classmethod(lambda cls, data: cls("passed"))"""),
    tamper("reply of the examiner exchanged", f"""
import sys
worksheet = sys.modules["course_support.worksheet"]
real_ask = worksheet._ask
def ask(method, url, *content, **more):
    reply = real_ask(method, url, *content, **more)
    if "verdict" in reply and asked[0] == "tiny.shout":
        return {PASSED}
    asked[0] = json_loads(content[0]).get("exercise", asked[0]) if content else asked[0]
    return reply
from json import loads as json_loads
asked = [""]
worksheet._ask = ask"""),
    tamper("requests patched", f"""
import json
real_request = requests.Session.request
def request(self, method, url, **more):
    response = real_request(self, method, url, **more)
    if "verdict" in response.text and "right" in response.text:
        response._content = json.dumps({PASSED}).encode()
    return response
requests.Session.request = request"""),
    tamper("kernel's do_execute", f"""
kernel = get_ipython().kernel
real_execute = kernel.do_execute
async def do_execute(code, *args, **more):
    if "tiny.shout.check" in code:
        code = "print({LINE!r})"
    return await real_execute(code, *args, **more)
kernel.do_execute = do_execute""", LOST),
    tamper("shell's run_cell", f"""
shell = get_ipython()
for name in ("run_cell", "run_cell_async"):
    def replaced(code, *args, real=getattr(shell, name), **more):
        return real("print({LINE!r})" if "shout.check" in code else code, *args, **more)
    setattr(shell, name, replaced)""", LOST),
    tamper("hook before and after every cell", f"""
def hook(*_):
    print({LINE!r})
for event in ("pre_execute", "pre_run_cell", "post_execute", "post_run_cell"):
    get_ipython().events.register(event, hook)"""),
    tamper("formatter of the feedback", f"""
from course_support.feedback import Feedback
for kind in ("text/plain", "text/html"):
    get_ipython().display_formatter.formatters[kind].for_type(Feedback, lambda it, *_: {LINE!r})
Feedback._repr_mimebundle_ = lambda self, **_: {{"text/plain": {LINE!r}}}"""),
    tamper("publisher of outputs", f"""
publisher = get_ipython().display_pub
real_publish = publisher.publish
def publish(data, *args, **more):
    real_publish(dict(data, **{{"text/plain": {LINE!r}}}) if "shout" in str(data) else data, *args, **more)
publisher.publish = publish"""),
    tamper("tracebacks hidden", """
import sys
shell = get_ipython()
shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None
shell.set_custom_exc((BaseException,), lambda *_, **__: None)
sys.excepthook = sys.unraisablehook = lambda *_: None
class Quiet(type(tiny.shout)):
    def check(self, answer): raise SystemExit(0)
known = tiny.shout
tiny._tasks["shout"] = Quiet(known.name, known.title, known.points, known.hints, known.examiner)""", LOST),
    tamper("points of another exercise", """
import dataclasses
tiny._tasks["shout"] = dataclasses.replace(tiny._tasks["double"], title="Shout <loudly>", points=2)""", LOST),
    tamper("profiler that rewrites the reply", """
import sys
def profile(frame, event, arg):
    reply = frame.f_locals.get("reply")
    if frame.f_code.co_name == "examine" and isinstance(reply, dict) and reply.get("outcome") == "wrong":
        reply["outcome"] = reply["verdict"]["outcome"] = "passed"
        reply["points"] = 2
sys.setprofile(profile)"""),
    tamper("builtins patched", """
import builtins, json
real_isinstance = builtins.isinstance
real_loads = json.loads
def loads(text, *args, **more):
    it = real_loads(text, *args, **more)
    if real_isinstance(it, dict) and it.get("outcome") == "wrong":
        it["verdict"]["outcome"] = it["outcome"] = "passed"
    return it
json.loads = loads
builtins.print = lambda *args, **more: None"""),
    tamper("recorder and judge of the kernel", """
from course_support import attempts, evidence, exercise, recorder, trial, verdict
from course_support.verdict import PASSED
trial.Trial.answer = lambda self, outcome: PASSED
exercise.Exercise.verdict = lambda self, evidence: PASSED
evidence.first_of = lambda *_: PASSED
recorder.Recorder.exchanges = ()
verdict.wrong = lambda *_, **__: PASSED"""),
    tamper("nbval of the kernel", """
import sys
sys.modules["rfc3987_syntax"] = None  # or its import takes a second
import nbval.plugin, nbval.kernel
nbval.plugin.IPyNbCell.runtest = lambda self: None
nbval.plugin.IPyNbCell.compare_outputs = lambda *_, **__: (True, "")
nbval.plugin.IPyNbFile.skip_compare = ("text/plain", "text/html", "stdout", "stderr")
get_ipython().user_ns["In"] = []"""),
    attack("lying objects", "text that equals everything", """
class Liar(str):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = lambda self: 0
    upper = lambda self: self
    __reduce__ = lambda self: (str, ("x",))
def shout(text):
    return Liar(text)
"""),
    attack("lying objects", "object that is no text", """
class Any:
    def __eq__(self, other): return True
    def __getattr__(self, name): return self
    def __call__(self, *_, **__): return self
    def __repr__(self): return "ABC"
    def __class__(self): return str
    __class__ = property(lambda self: str)
def shout(text):
    return Any()
""", r"not plain data"),
    attack("lying objects", "pickle with a command in it", """
import os
class Bomb(str):
    def __reduce__(self):
        return (os.system, ("touch <<outside>>/<<mark>>",))
def shout(text):
    return [Bomb("x"), {"py/object": "os.system", "__reduce__": ["os.system", ["touch <<outside>>/<<mark>>"]]}]
"""),
    attack("lying objects", "JSON that means two things", INSTEAD + """
def shout(text):
    instead('{"value": "x", "value": NaN, "verdict": {"outcome": "passed"}, "outcome": "passed"}')
""", "nan$"),
    attack("lying objects", "outcome of every kind at once", INSTEAD + """
def shout(text):
    instead('{"value": null, "serving": "http://127.0.0.1:1", "points": 2, "unusable": "x",'
            ' "error": {"type": "NotImplementedError", "message": "x", "line": null, "source": ""}}')
""", r"^not attempted"),
    spy("walking memory", "objects of the collector", """
import gc, re
names = {"Examiner", "Exercise", "Scene", "Trial", "Evidence"}
token = re.compile("canary-of-the-" + "judges-[0-9a-f]{8}")
for it in gc.get_objects():
    if type(it).__name__ in names:
        found.append(type(it).__name__)
    elif type(it) is dict:
        found += [value for value in list(it.values()) if type(value) is str and token.search(value)]
"""),
    spy("walking memory", "frames of every thread", """
import sys
frames = list(sys._current_frames().values())
while frames:
    frame = frames.pop()
    frames += [frame.f_back] if frame.f_back else []
    for name, value in frame.f_locals.items():
        if name in ("expected", "scene", "seed", "judge", "log", "catalogue") and "logging" not in str(type(value)):
            found.append(f"{frame.f_code.co_qualname} {name} {value!r}"[:80])
        if name == "request" and isinstance(value, dict) and "seed" in value:
            found.append(value["seed"])
"""),
    spy("walking memory", "modules that were imported", """
import sys
parts = ("course_support.exercises", "course_support.grading", "course_support.sandbox", "tiny", "nbval", "pytest")
found += [name for name in sys.modules if name.startswith(parts)]
"""),
    spy("walking memory", "raw memory of the process", """
import re
token = ("canary-" + "of-the-judges-").encode() + b"[0-9a-f]{8}"
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        start, end = (int(it, 16) for it in line.split()[0].split("-"))
        if "rw" in line.split()[1] and end - start < 2**26:
            try:
                memory.seek(start)
                found += re.findall(token, memory.read(end - start))
            except (OSError, ValueError, OverflowError):
                pass
"""),
)  # fmt: skip
