"""Messages of Jupyter's protocol that no kernel sends: forged, broken, or far too large."""

from __future__ import annotations

from tests.attacks.attack import ALL, WRONG, attack
from tests.attacks.forging import WRONG_STUB
from tests.attacks.tampering import LINE

KERNEL = """
kernel = get_ipython().kernel
session, shell_socket, iopub = kernel.session, kernel.shell_stream, kernel.iopub_socket
parent = kernel.get_parent("shell") if hasattr(kernel, "get_parent") else kernel._parent_header
client = kernel._parent_ident["shell"]
"""


def message(name, source, meets=WRONG, costs=frozenset()):
    return attack("forged messages", name, KERNEL + source, meets, costs)


ATTACKS = (
    message("reply and idle before the check has run", f"""
def shout(text):
    parent = kernel.get_parent("shell")
    session.send(iopub, "stream", {{"name": "stdout", "text": {LINE!r} + "\\n"}}, parent=parent)
    content = {{"status": "ok", "execution_count": 9, "user_expressions": {{}}, "payload": []}}
    session.send(shell_socket, "execute_reply", content, parent=parent, ident=kernel._parent_ident["shell"])
    session.send(iopub, "status", {{"execution_state": "idle"}}, parent=parent)
    return text
""", r"^(wrong|lost): "),
    message("outputs of every later cell", f"""
import threading, time
def publish():
    while True:
        content = {{"name": "stdout", "text": {LINE!r} + "\\n"}}
        session.send(iopub, "stream", content, parent=kernel.get_parent("shell"))
        time.sleep(0.01)
threading.Thread(target=publish, daemon=True).start()
""" + WRONG_STUB, r"^(wrong|lost): ", ALL),
    message("messages without what they must have", """
for kind in ("stream", "display_data", "execute_result", "error", "update_display_data", "clear_output", "status", "x"):
    for content in ({}, {"text": 3}, {"data": 3}, {"data": {"text/plain": 3}}, {"name": [], "text": {}}, {"ename": 3}):
        session.send(iopub, kind, content, parent=parent)
""" + WRONG_STUB, r"^(wrong|lost|crashed): "),
    message("messages that are no JSON, or not signed", """
import zmq
raw = iopub.io_thread.socket if hasattr(iopub, "io_thread") else iopub
for parts in ([b"x"], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"{}", b"{}", b"{}", b"{}"], [b"<IDS|MSG>"] + [b"\\xff"] * 5):
    iopub.send_multipart(parts) if hasattr(iopub, "send_multipart") else raw.send_multipart(parts)
""" + WRONG_STUB, r"^(wrong|lost|crashed): "),
    message("half a character in an error", """
import json
def raw(content):
    it = session.msg("error", parent=parent)
    frames = [session.pack(it[part]) for part in ("header", "parent_header", "metadata")]
    frames.append(b'{"ename": "E\\\\ud800", "evalue": "\\\\udfff<script>", "traceback": ["\\\\ud83d"]}')
    iopub.send_multipart([b"error", b"<IDS|MSG>", session.sign(frames), *frames])
raw("x")
""" + WRONG_STUB, r"^(wrong|lost|crashed): "),
    message("reply of many million parts", """
def shout(text):
    session.send(shell_socket, "execute_reply", {"status": "ok", "x": [[]] * 50_000_000},
                 parent=kernel.get_parent("shell"), ident=kernel._parent_ident["shell"])
    return text
""", r"^(wrong|lost|crashed): "),
    message("flood on channels that nobody reads", """
def shout(text):
    for _ in range(40):
        for stream in (kernel.stdin_socket, kernel.control_stream):
            session.send(stream, "input_request", {"prompt": "x" * 60_000_000}, ident=kernel._parent_ident["shell"])
    return text
""", r"^(wrong|lost|crashed): "),
    message("kernel shuts itself down", """
import asyncio
def shout(text):
    kernel.do_shutdown(True)
    content = {"status": "ok", "restart": True}
    session.send(kernel.control_stream, "shutdown_reply", content, parent=parent, ident=client)
    kernel.io_loop.stop() if hasattr(kernel, "io_loop") else None
    return text
""", r"^(wrong|lost): "),
)  # fmt: skip
