"""Answers to `webhooks.predict_outcome`."""

import socket
import threading
from datetime import timedelta

from course_support.backends.webhooks import app
from tests.exercises.answers.answer import Answers

predict_outcome = Answers("webhooks.predict_outcome")
LATE = "200, after the processor's time limit"
MOVED = "302, to an address that answers 200"


@predict_outcome.right
def case_by_case(answer):
    match answer[:3], "after" in answer:
        case "200" | "204", False:
            return "delivered"
        case "410", _:
            return "switched off"
    return "tried again"


@predict_outcome.right
def tried_out_on_a_processor_of_ones_own(answer):
    processor = app(7, timeout=0.3 if answer == LATE else 5).state
    with socket.create_server(("127.0.0.1", 0)) as shop:
        thread = threading.Thread(target=serve_once, args=(shop, answer))
        thread.start()
        target = f"http://shop.localhost:{shop.getsockname()[1]}/webhooks/payments"
        secret = f"whsec_{'AbCd' * 8}"
        found = processor.subscriptions.add("me", ["payment.completed"], target, secret, processor.clock.now)
        event = processor.ledger.pay("me", "A-1", "1.00", "EUR", "4242424242424242", processor.clock.now)
        processor.deliveries.announce(event, [found])
        processor.deliveries.wind(timedelta())
        thread.join()
    outcomes = {"pending": "tried again", "delivered": "delivered", "dead": "switched off"}
    return outcomes[processor.deliveries.of(found)[0].status]


def serve_once(shop, answer):
    line, _ = shop.accept()
    with line:
        while answer == LATE and line.recv(4096):
            pass  # until the processor has hung up
        line.settimeout(5)
        while answer != LATE and not line.recv(4096).endswith(b"}"):
            pass
        line.sendall(f"HTTP/1.1 {answer[:3]} So\r\nLocation: /\r\nContent-Length: 0\r\n\r\n".encode())


def says(**others):
    """All right but for what is said of one answer, which stands without its status's first digit."""

    def predict(answer):
        wrongs = {"_302": MOVED, "_late": LATE}
        wrong = {wrongs.get(name, name[1:]): outcome for name, outcome in others.items()}
        return wrong.get(answer) or case_by_case(answer)

    return predict


@predict_outcome.wrong(
    "After “302, to an address that answers 200” the same event was sent again", lambda e: e.status == 302
)
def redirects_are_followed(answer):
    return says(_302="delivered")(answer)


@predict_outcome.wrong("After “410” nothing more was sent", lambda e: e.status == 410)
def each_4xx_is_a_failure(answer):
    return says(_410="tried again")(answer)


@predict_outcome.wrong("After “400” the same event was sent again", lambda e: e.status == 400)
def the_shop_does_not_want_it(answer):
    return says(_400="switched off")(answer)


@predict_outcome.wrong("After “204” nothing more is sent of this event", lambda e: e.status == 204)
def two_hundred_alone(answer):
    return says(_204="tried again")(answer)


@predict_outcome.wrong("After “500” the same event was sent again", lambda e: e.status == 500)
def a_broken_shop_is_left_alone(answer):
    return says(_500="switched off")(answer)


@predict_outcome.wrong(
    "After “200, after the processor's time limit” the same event", lambda e: e.status in (None, 200)
)
def better_late_than_never(answer):
    return says(_late="delivered")(answer)


@predict_outcome.wrong("After “200” nothing more is sent of this event", lambda e: e.status == 200)
def nothing_is_ever_enough(answer):
    return says(_200="tried again")(answer)


@predict_outcome.wrong("is none of the three", lambda e: e.request.method == "POST")
def in_words_of_ones_own(answer):
    return "retried" if case_by_case(answer) == "tried again" else case_by_case(answer)


@predict_outcome.wrong("where text is asked for", None)
def as_a_yes_or_no(answer):
    return answer in ("200", "204")
