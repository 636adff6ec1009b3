"""Attacks by what the grader reads back: text for the report's pages, for its tables, and for whoever parses it."""

from __future__ import annotations

from tests.attacks.attack import attack

HTML = (
    "</dd></pre><script>alert('<<mark>>')</script><img src=x onerror=alert(1)><svg onload=alert(2)>"
    '\\" onmouseover=alert(3) x=\\"'
)
SENT = """
import socket
def sent(request):
    listening = [line.split() for line in open("/proc/net/tcp").readlines()[1:]]
    for port in {int(parts[1].split(":")[1], 16) for parts in listening if parts[3] == "0A"}:
        try:
            with socket.create_connection(("127.0.0.1", port), 2) as it:
                it.settimeout(0.3)
                it.sendall(request)
                it.recv(99)
        except OSError:
            pass
"""


def tell(name, source, meets=r"^(wrong|crashed|lost)"):
    return attack("telling", name, source, meets)


ATTACKS = (
    tell("script as a value", f"def shout(text):\n    return \"{HTML}\"\n"),
    tell("script as an error", f"""
class Told(Exception):
    pass
Told.__name__ = Told.__qualname__ = "{HTML}"
def shout(text):
    raise Told("{HTML}")
"""),
    tell("script as an error of the cell", f"raise ValueError(\"{HTML}\")\n", "^crashed"),
    tell("script as a name", f"""
def shout(text):
    return dict.fromkeys(["{HTML}"], [["{HTML}"]])
"""),
    tell("script in a request that is shown", SENT + """
def shout(text):
    sent(b'GET /number?<script>alert("<<mark>>")</script> HTTP/1.1\\r\\nHost: "><script>alert(1)</script>\\r\\n'
         b"X: <script>\\r\\nConnection: close\\r\\n\\r\\n")
    return text
"""),
    tell("bytes that are no HTTP", SENT + r"""
def shout(text):
    for broken in (b"\0\xff\xfe<<mark>>", b"GET", b"GET / HTTP/9.9\r\n\r\n",
                   b"G\xe9T /\xff HTTP/1.1\r\nX\xff: \x1b[2J\r\n\r\n",
                   b"POST /number HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
                   b"GET /number HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\xff"):
        sent(broken)
    return text
"""),
    tell("words without an end in a request that is shown", SENT + """
def shout(text):
    sent(b"GET /" + b"a" * 60_000 + b" HTTP/1.1\\r\\nHost: " + b"b" * 3_000 + b"\\r\\nConnection: close\\r\\n\\r\\n")
    return text
"""),
    tell("formula for a spreadsheet", "def shout(text):\n    return '=HYPERLINK(\"http://x\";\"<<mark>>\")'\n"),
    tell("controls for a terminal", "def shout(text):\n    return '\\x1b]0;<<mark>>\\x07\\x1b[2J\\r\\n\\0\\u202e'\n"),
    tell("half a character", "def shout(text):\n    raise ValueError('\\ud800<<mark>>\\udfff')\n", "^crashed"),
    tell("half a character in an error of the cell", "raise ValueError('\\ud800')\n"),
    tell("paths of the report", "def shout(text):\n    return '../../<<mark>>/../index.html'\n"),
    tell("number that no JSON holds", "def shout(text):\n    return 10 ** 100_000\n"),
    tell("lines of the events", """
def shout(text):
    raise ValueError('\\n{"notebook": "together", "cell": "check-tiny-shout", "event": "ended", "seen": true}\\n')
""", "^crashed"),
)  # fmt: skip
