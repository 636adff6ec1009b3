"""Answers to `choosing.cheapest`."""

from tests.exercises.answers.answer import Answers

cheapest = Answers("choosing.cheapest")


@cheapest.right
def one_by_one(measured, most_requests, oldest_ms):
    best = None
    for row in measured:
        if row["requests"] > most_requests or row["age_ms"] > oldest_ms:
            continue
        if best is None or row["bytes"] < best["bytes"]:
            best = row
    return best["style"] if best else "none"


@cheapest.right
def sorted_and_the_first_that_fits(measured, most_requests, oldest_ms):
    rows = sorted(measured, key=lambda row: row["bytes"])
    fit = (row["style"] for row in rows if max(row["requests"] - most_requests, row["age_ms"] - oldest_ms) <= 0)
    return next(fit, "none")


def least(rows, figure="bytes"):
    return min(rows, key=lambda row: row[figure])["style"] if rows else "none"


def fitting(measured, most, oldest):
    return [row for row in measured if row["requests"] <= most and row["age_ms"] <= oldest]


@cheapest.wrong("ms old, and at most", None, step="the age")
def whatever_its_age(measured, most_requests, oldest_ms):
    return least(fitting(measured, most_requests, 10**9))


@cheapest.wrong("may be sent", None, step="number of requests")
def whatever_its_requests(measured, most_requests, oldest_ms):
    return least(fitting(measured, 10**9, oldest_ms))


@cheapest.wrong("just at a limit", None, step="<=")
def less_than_the_limits(measured, most_requests, oldest_ms):
    return least([row for row in measured if row["requests"] < most_requests and row["age_ms"] < oldest_ms])


@cheapest.wrong("You compared the time; asked for are the bytes.", None, step="bytes alone")
def the_quickest(measured, most_requests, oldest_ms):
    return least(fitting(measured, most_requests, oldest_ms), "milliseconds")


@cheapest.wrong("You compared the age; asked for are the bytes.", None)
def the_youngest(measured, most_requests, oldest_ms):
    return least(fitting(measured, most_requests, oldest_ms), "age_ms")


@cheapest.wrong("You compared the number of requests; asked for are the bytes.", None)
def the_fewest_requests(measured, most_requests, oldest_ms):
    return least(fitting(measured, most_requests, oldest_ms), "requests")


@cheapest.wrong("keeps to both limits, and so with fewer bytes d", None)
def the_dearest(measured, most_requests, oldest_ms):
    fit = fitting(measured, most_requests, oldest_ms)
    return max(fit, key=lambda row: row["bytes"])["style"] if fit else "none"


@cheapest.wrong("You found none, and there is one that keeps to both limits", None)
def only_the_first_in_line(measured, most_requests, oldest_ms):
    row = min(measured, key=lambda row: row["bytes"])
    return row["style"] if row in fitting(measured, most_requests, oldest_ms) else "none"


@cheapest.wrong("You found none, and WebSocket fits, which is just at a limit.", None, step="<=")
def fewer_requests_than_the_limit(measured, most_requests, oldest_ms):
    return least([row for row in measured if row["requests"] < most_requests and row["age_ms"] <= oldest_ms])


@cheapest.wrong("Nothing fits here, and your function returned None.", None, step="`return`")
def none_itself(measured, most_requests, oldest_ms):
    for row in sorted(measured, key=lambda row: row["bytes"]):
        if row in fitting([row], most_requests, oldest_ms):
            return row["style"]
    return None


@cheapest.wrong("What you return is no name of a style", None)
def none_as_a_word(measured, most_requests, oldest_ms):
    return one_by_one(measured, most_requests, oldest_ms).replace("none", "None")


@cheapest.wrong("Your function returned a dict", None)
def the_whole_row(measured, most_requests, oldest_ms):
    fit = fitting(measured, most_requests, oldest_ms)
    return min(fit, key=lambda row: row["bytes"]) if fit else "none"
