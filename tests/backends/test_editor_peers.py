"""The editor as a client sees it that others wrote: npm's ws, beside editors in Python."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import peers

from .editors import ID, replica, serving, until


def test_two_foreign_clients_lose_the_line_resume_and_have_the_same_text() -> None:
    peers.install()
    with serving() as service, ThreadPoolExecutor() as pool:
        before, url = service.document.text, service.server.url.replace("http", "ws") + f"/edit/{ID}"
        alan = service.knock("alan")
        copy = replica(alan)
        tokens = {who: {"token": service.app.state.credentials[who]} for who in ("ada", "grace")}
        running = [
            pool.submit(peers.run, "editor.mjs", url, letter, "20", given=tokens[who])
            for who, letter in (("ada", "🎂"), ("grace", "ü"))
        ]
        results = [it.result() for it in running]
        for result in results:
            assert result["protocol"] == "edit.v1"
            assert [code for code, _ in result["close"]] == [1006, 1000]
            assert result["acknowledged"] == 20
        until(lambda: len(service.app.state.rooms.connections) == 1)
        while copy.seq < service.document.seq:
            copy.receive(alan.read())
        assert copy.text == service.document.text
        assert sorted(service.document.text.removesuffix(before)) == sorted("🎂" * 20 + "ü" * 20)
        last = max(results, key=lambda result: result["seq"])
        assert last["text"] == service.document.text


def test_a_foreign_client_reads_the_refusal() -> None:
    peers.install()
    with serving() as service:
        url = service.server.url.replace("http", "ws") + f"/edit/{ID}"
        with pytest.raises(AssertionError, match="Unexpected server response: 401"):
            peers.run("editor.mjs", url, "x", "2", given={"token": "wrong"})
