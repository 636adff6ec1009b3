"""Wrong answers to `websocket.carry_on`."""

import contextlib
import json
import time
import uuid

import websocket

from tests.exercises.answers.websocket.carrying_on import Editor, address, carry_on


def is_socket(e):
    return e.status == 101


def broke(e):
    return is_socket(e) and not any(m.opcode == "close" for m in e.messages)


def resumed(e):
    return e.status == 101 and "after=" in e.request.target


def sent_by(e):
    return [m.json() for m in e.messages if m.sender == "client" and m.opcode == "text"]


@carry_on.wrong("No request of yours", None)
def nothing_but_a_guess(url, token, document, words):
    return " ".join(words)


@carry_on.wrong("raised WebSocketConnectionClosed", lambda e: "dropped" in e.note, "crashed", step="Connect again")
def one_line_for_all(url, token, document, words):
    editor = Editor(url, token, document, words)
    try:
        editor.join()
    except OSError as error:  # of a break that is met in sending, not in reading
        raise websocket.WebSocketConnectionClosedException(str(error)) from error
    return editor.text


@carry_on.wrong("after the service had answered 503", lambda e: e.status == 503, "crashed")
def a_refusal_that_is_not_caught(url, token, document, words):
    editor = Editor(url, token, document, words)
    while editor.left:
        with contextlib.suppress(websocket.WebSocketConnectionClosedException, OSError):
            editor.join()
    return editor.text


def opened(url, token, document):
    socket = websocket.create_connection(
        address(url, document), subprotocols=["edit.v1"], header={"Authorization": f"Bearer {token}"}, timeout=10
    )
    return socket, json.loads(socket.recv())["text"]


@carry_on.wrong("No text_update of yours has arrived", is_socket, step="The text before you is in the first message")
def read_and_left(url, token, document, words):
    socket, text = opened(url, token, document)
    socket.shutdown()
    return text


@carry_on.wrong("`send` did not say so", broke, step="An update is in when its echo comes: wait for it, and send again")
def sent_at_once_and_left(url, token, document, words):
    socket, text = opened(url, token, document)
    for word in words:
        with contextlib.suppress(OSError):  # the system may have noticed by then, or not
            socket.send(json.dumps({"type": "text_update", "position": len(text), "content": f" {word}"}))
        text += f" {word}"
    socket.shutdown()
    return text


@carry_on.wrong("Your function raised BrokenPipeError", broke, "crashed", step="Connect again and resume.")
def sent_at_leisure_and_left(url, token, document, words):
    socket, text = opened(url, token, document)
    for word in words:
        with contextlib.suppress(ConnectionResetError):  # the first that tells of it
            socket.send(json.dumps({"type": "text_update", "position": len(text), "content": f" {word}"}))
        time.sleep(0.1)
    return text


@carry_on.wrong("it does not take what you sent", lambda e: b"Send text_update" not in e.response.body)
def an_update_of_another_form(url, token, document, words):
    class Other(Editor):
        def send(self):
            self.socket.send(json.dumps({"type": "insert", **self.update(*self.left[0])}))
            self.tries = getattr(self, "tries", 0) + 1
            if self.tries == 3:
                self.left.clear()
            while self.socket.recv():
                pass
            raise websocket.WebSocketException("closed")

    return Other(url, token, document, words).write()


@carry_on.wrong("instead of resuming", is_socket)
def joined_anew(url, token, document, words):
    class Anew(Editor):
        def after(self):
            return None

    return Anew(url, token, document, words).write()


@carry_on.wrong("the last update that you had been sent was", resumed)
def after_the_one_that_is_expected(url, token, document, words):
    class Next(Editor):
        def after(self):
            return None if self.seq is None else self.seq + 1

    return Next(url, token, document, words).write()


@carry_on.wrong("was the base of an update of yours", resumed)
def after_the_first_seq_again_and_again(url, token, document, words):
    class First(Editor):
        first = None

        def after(self):
            self.first = self.seq if self.first is None else self.first
            return self.first

        def apply(self, message):
            if message["seq"] > self.seq:
                super().apply(message)

    return First(url, token, document, words).write()


@carry_on.wrong("you did not send it again", lambda e: "dropped" in e.note and sent_by(e))
def sent_once(url, token, document, words):
    class Once(Editor):
        def send(self):
            self.socket.send(json.dumps({"type": "text_update", **self.update(*self.left[0])}))
            if self.resumed:
                self.left.pop(0)

        def after(self):
            self.resumed = self.seq is not None
            return self.seq

    return Once(url, token, document, words).write()


@carry_on.wrong("no update with it reached the service", is_socket)
def stopped_after_three_words(url, token, document, words):
    return Editor(url, token, document, words[:3]).write()


class New(Editor):
    def update(self, id, content):
        self.left[0] = uuid.uuid4().hex, content
        return super().update(self.left[0][0], content)


@carry_on.wrong("again under another id.", sent_by)
def a_new_id_each_time(url, token, document, words):
    return New(url, token, document, words).write()


@carry_on.wrong("again under another id, so it is in the document twice", sent_by)
def a_new_id_whatever_was_missed(url, token, document, words):
    class Deaf(New):
        def hear(self, message):
            if not self.live:
                message.pop("id", None)
            super().hear(message)

    return Deaf(url, token, document, words).write()


class Nameless(Editor):
    """Knows an echo by what it says, if it does not come among the updates that were missed."""

    def hear(self, message):
        mine = self.live and message["type"] == "text_update" and message["content"] == self.left[0][1]
        super().hear(message | {"id": self.left[0][0] if mine else ""})

    def update(self, id, content):
        return {"position": len(self.text), "content": content, "base": self.seq}


@carry_on.wrong("without any id, so it is in the document twice", sent_by)
def no_id_at_all(url, token, document, words):
    return Nameless(url, token, document, words).write()


@carry_on.wrong("without the id it had, so it is in the document twice", sent_by)
def an_id_for_two_times_alone(url, token, document, words):
    class Forgetful(Nameless):
        times = 0

        def update(self, id, content):
            self.times += 1
            return super().update(id, content) | ({"id": id} if self.times < 3 else {})

    return Forgetful(url, token, document, words).write()


@carry_on.wrong("not each with one blank before it", sent_by)
def blanks_behind(url, token, document, words):
    class Behind(Editor):
        def update(self, id, content):
            return super().update(id, content.strip() + " ")

    return Behind(url, token, document, words).write()


@carry_on.wrong("in another order", sent_by)
def the_last_word_first(url, token, document, words):
    return Editor(url, token, document, words[::-1]).write()


@carry_on.wrong("what nobody asked for", sent_by)
def a_full_stop_too(url, token, document, words):
    return Editor(url, token, document, [*words, "."]).write()


@carry_on.wrong("others wrote before your update arrived", sent_by)
def no_base(url, token, document, words):
    class Baseless(Editor):
        def update(self, id, content):
            return {"id": id, "position": len(self.text), "content": content}

    return Baseless(url, token, document, words).write()


@carry_on.wrong("is not its end at the `base`", sent_by)
def the_length_of_the_first_text(url, token, document, words):
    class Still(Editor):
        def update(self, id, content):
            self.first = getattr(self, "first", len(self.text))
            return super().update(id, content) | {"position": self.first}

    return Still(url, token, document, words).write()


@carry_on.wrong("back too soon after the line was lost", lambda e: e.number == 2)
def no_wait_at_all(url, token, document, words):
    class Restless(Editor):
        wait = 0

    return Restless(url, token, document, words).write()


@carry_on.wrong("back too soon after a refusal", lambda e: e.number == 3)
def no_wait_after_a_refusal(url, token, document, words):
    class Hasty(Editor):
        growth = 0

    return Hasty(url, token, document, words).write()


@carry_on.wrong("your waits did not grow", lambda e: e.number in (4, 5))
def the_same_wait_each_time(url, token, document, words):
    class Even(Editor):
        growth = 1

    return Even(url, token, document, words).write()


@carry_on.wrong("where text is asked for", is_socket)
def how_many_words(url, token, document, words):
    return len(Editor(url, token, document, words).write())


@carry_on.wrong("The last word is missing in the text", is_socket)
def the_text_before_the_last_word(url, token, document, words):
    return Editor(url, token, document, words).write().removesuffix(f" {words[-1]}")


@carry_on.wrong("nothing is removed", is_socket)
def removals_not_heeded(url, token, document, words):
    class Keeping(Editor):
        removals = False
        length = 0

        def apply(self, message):
            super().apply(message)
            self.length -= message["remove"]

        def update(self, id, content):
            return super().update(id, content) | {"position": len(self.text) + self.length}

    return Keeping(url, token, document, words).write()


@carry_on.wrong("What others wrote is missing", is_socket)
def words_behind_the_first_text(url, token, document, words):
    class First(Editor):
        def hear(self, message):
            super().hear(message)
            self.first = getattr(self, "first", message.get("text"))

    editor = First(url, token, document, words)
    editor.write()
    return " ".join([editor.first, *words])


@carry_on.wrong("some updates have been applied twice", is_socket)
def the_missed_ones_twice(url, token, document, words):
    return "Indeed, " + Editor(url, token, document, words).write()


@carry_on.wrong("is not that of the document", is_socket)
def in_lower_case(url, token, document, words):
    return Editor(url, token, document, words).write().lower()
