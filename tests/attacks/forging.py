"""Forged outputs, and calls of the examiner that no check would make."""

from __future__ import annotations

from tests.attacks.attack import ALL, LOST, NOTHING, STOPPED, WRONG, attack, spy
from tests.attacks.tampering import LINE

WIRE = """
import json, os, socket, threading, urllib.error, urllib.request
examiner = os.environ["COURSE_EXAMINER"]
def post(path, content, method="POST"):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(examiner + path, data, method=method), timeout=5) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, {}
    except OSError as error:
        return 0, {}
def opened(name="tiny.shout"):
    reply = post("/trials", {"exercise": name})[1]
    return reply.get("trial"), reply.get("arguments"), reply
def answer(trial, content):
    return post(f"/trials/{trial}/answers", content)
"""


def call(name, source, meets=WRONG, costs=frozenset()):
    return attack("calling the examiner", name, WIRE + source, meets, costs)


WRONG_STUB = "\ndef shout(text):\n    return text\n"
ATTACKS = (
    attack("forged outputs", "printed line", f"""
def shout(text):
    print({LINE!r})
    display({{"text/plain": {LINE!r}, "text/html": {LINE!r}}}, raw=True)
    return text
"""),
    attack("forged outputs", "line without a check", f"""
print({LINE!r})
class Quiet(type(tiny.shout)):
    def check(self, answer): print({LINE!r})
tiny._tasks["shout"] = Quiet(*(getattr(tiny.shout, name) for name in ("name", "title", "points", "hints", "examiner")))
def shout(text):
    return text
""", LOST),
    attack("forged outputs", "examiner of my own", """
import threading, json, http.server, dataclasses
class Forged(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        verdict = dict.fromkeys(("cause", "expected", "seen", "next_step"), "")
        body = json.dumps({"verdict": verdict | {"outcome": "passed", "exchange": None}, "points": 2, "of": 2})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())
server = http.server.HTTPServer(("127.0.0.1", 0), Forged)
threading.Thread(target=server.serve_forever, daemon=True).start()
here = f"http://127.0.0.1:{server.server_port}"
tiny._tasks["shout"] = dataclasses.replace(tiny._tasks["shout"], examiner=here)
def shout(text):
    return text
""", LOST),
    call("verdict sent in", """
def shout(text):
    trial, _, _ = opened()
    verdict = {"outcome": "passed", "verdict": {"outcome": "passed"}, "points": 2, "exercise": "tiny.shout"}
    tried = [post(path, verdict, method) for method in ("POST", "PUT", "PATCH", "DELETE", "GET")
             for path in ("/verdicts", "/exercises", f"/trials/{trial}", f"/trials/{trial}/verdict", "/log", "/points")]
    answer(trial, {"value": sorted({status for status, reply in tried if "verdict" in str(reply)}) or "nothing"})
""", NOTHING),
    call("expected value read from the verdict", """
def shout(text):
    trial, arguments, _ = opened()
    verdict = answer(trial, {"value": "x"})[1]["verdict"]
    trial, _, reply = opened()
    answer(trial, {"value": verdict["expected"]})
    return verdict["expected"]
"""),
    call("trial answered twice", """
def shout(text):
    trial, _, _ = opened()
    expected = answer(trial, {"value": "x"})[1]["verdict"]["expected"]
    return [answer(trial, {"value": expected})[0], expected][1]
"""),
    call("answer raced", """
from concurrent.futures import ThreadPoolExecutor
def shout(text):
    trial, _, _ = opened()
    with ThreadPoolExecutor(16) as pool:
        tried = list(pool.map(lambda number: answer(trial, {"value": f"{number}"}), range(16)))
    expected = [reply["verdict"]["expected"] for status, reply in tried if status == 200]
    return expected[0] if expected else "nothing"
"""),
    call("trials opened and answered at once", """
from concurrent.futures import ThreadPoolExecutor
def shout(text):
    def one(number):
        trial, _, _ = opened()
        return answer(trial, {"value": "x"})[1].get("verdict", {}).get("expected", "")
    with ThreadPoolExecutor(8) as pool:
        known = [expected for expected in pool.map(one, range(8)) if expected]
    for expected in known:
        answer(opened()[0], {"value": expected})
    return known[-1] if known else "x"
"""),
    call("trial of another exercise", """
def shout(text):
    trial, (x,), _ = opened("tiny.again")
    answer(trial, {"value": 2 * x, "exercise": "tiny.shout"})
    return 2 * x
"""),
    call("drawn again until it is easy", """
def shout(text):
    for _ in range(200):
        trial, arguments, reply = opened()
        if arguments and set(arguments[0]) <= set("ab"):  # whatever is known by heart
            return answer(trial, {"value": "AB"})[1]
        if not arguments:
            break
    return text
"""),
    call("guessed trials", """
import secrets
def shout(text):
    tried = [answer(guess, {"value": text})[0] for guess in
             ("", "0", "1", "tiny.shout", "..", "%2e%2e", "*", "a/../b", *(secrets.token_urlsafe() for _ in range(50)))]
    return sorted(set(tried) - {400, 404, 405, 307}) or "nothing"
""", NOTHING),
    call("giant and broken contents", """
def shout(text):
    trial, _, _ = opened()
    bodies = [b"", b"[" * 10**6, b'{"value": ' * 10**5, b"\\xff" * 1000, b"9" * 10**6, b"null", b"3",
              b'{"value": "' + b"x" * 2**25 + b'"}', b'{"exercise": {"a": 1}}', b'{"exercise": ' + b"9" * 10**4 + b"}"]
    tried = {post(path, body)[0] for body in bodies for path in ("/trials", f"/trials/{trial}/answers")}
    answer(trial, {"value": sorted(tried - {0, 400, 404}) or "nothing"})
""", NOTHING),
    call("bodies that never end", """
host, port = examiner.removeprefix("http://").split(":")
slow = []
def shout(text):
    for _ in range(150):
        it = socket.create_connection((host, int(port)), 5)
        it.sendall(b"POST /trials HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 1000000\\r\\n\\r\\n{" + b" " * 60_000)
        slow.append(it)
    return text
""", r"^(wrong|lost): "),
    call("trials of the others opened without end", """
def flood():
    while True:
        for name in ("tiny.double", "tiny.fetch", "tiny.again"):
            opened(name)
for _ in range(8):
    threading.Thread(target=flood, daemon=True).start()
""" + WRONG_STUB, r"^(wrong|lost): ", ALL),
    call("another exercise failed on purpose", """
def shout(text):
    trial, _, _ = opened("tiny.fetch")
    answer(trial, {"value": "wrong"})
    return text
""", WRONG, frozenset({"fetch"})),
    call("examiner made to call itself", """
def shout(text):
    said = []
    for url in (examiner, "http://127.0.0.1:22", "http://127.0.0.1:0", "http://127.0.0.1:99999", "http://localhost:1",
                "http://127.0.0.1:80@evil", "file:///etc/passwd", "http://169.254.169.254:80"):
        trial, arguments, reply = opened("tiny.serve")
        if trial:
            status, reply = answer(trial, {"serving": url})
            said.append(reply.get("outcome"))
    return "nothing" if "passed" not in said else "passed"
""", NOTHING),
    call("service of the scene served as my own", """
def shout(text):
    trial, (url,), reply = opened("tiny.serve")
    return answer(trial, {"serving": url})[1].get("outcome")
"""),
    call("answer that comes too late", f"""
def later(result):
    if result.info.raw_cell.startswith("tiny.shout"):
        trial, arguments, reply = opened()
        if arguments:
            answer(trial, {{"value": arguments[0].upper()}})
get_ipython().events.register("post_run_cell", later)
def shout(text):
    print({LINE!r})
    return text
"""),
    spy("calling the examiner", "what else it serves", WIRE + """
paths = ["/", "/docs", "/openapi.json", "/log", "/seed", "/trials", "/trials/", "/exercises/tiny.shout", "/static/../x",
         "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/trials/../log", "/.env", "/debug", "/metrics", "//"]
found += [path for path in paths if post(path, b"", "GET")[0] == 200]
found += [key for key in post("/exercises", b"", "GET")[1][0] if key not in ("name", "title", "points", "hints")]
"""),
    attack("calling the examiner", "examiner killed", """
import os, signal, re, socket
def shout(text):
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                os.kill(int(name), signal.SIGKILL)
            except OSError:
                pass
    return text
""", WRONG + "|" + STOPPED),
)  # fmt: skip
