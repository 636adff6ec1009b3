"""Answers to `graphql.photos`."""

from sgqlc.operation import Operation

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.graphql.requesting import Query, endpoint, send, send_by_get

photos = Answers("graphql.photos")
PHOTOS = "query($id: ID!) { event(id: $id) { speakers { name photo } } }"


@photos.right
def sgqlc_and_the_errors_of_the_raw_answer(url, token, event):
    operation = Operation(Query)
    operation.event(id=event).speakers().__fields__("name", "photo")
    answer = endpoint(url, token)(operation)
    failed = [tuple(error["path"][1:3]) for error in answer.get("errors", ())]
    found = {"none": [], "failed": []}
    for place, speaker in enumerate(answer["data"]["event"]["speakers"]):
        if speaker["photo"] is None:
            found["failed" if ("speakers", place) in failed else "none"].append(speaker["name"])
    return found


@photos.right
def aliases_by_get_and_another_order(url, token, event):
    query = "query($id: ID!) { it: event(id: $id) { who: speakers { called: name picture: photo bio } } }"
    answer = send_by_get(url, token, query, id=event)
    speakers = answer["data"]["it"]["who"]
    failed = {speakers[error["path"][-2]]["called"] for error in answer.get("errors", [])}
    none = {it["called"] for it in speakers if not it["picture"]} - failed
    return {"failed": sorted(failed, reverse=True), "none": sorted(none, reverse=True)}


def names(url, token, event, query=PHOTOS):
    """The whole answer, and the names of all without a photo."""
    answer = send(url, token, query, id=event)
    return answer, [it["name"] for it in answer["data"]["event"]["speakers"] if it["photo"] is None]


@photos.wrong("you count them among those who have none", lambda e: b"errors" in e.response.body)
def null_is_null(url, token, event):
    return {"none": names(url, token, event)[1], "failed": []}


@photos.wrong("you count them among those whose photo could not be loaded", lambda e: b"errors" in e.response.body)
def null_is_a_failure(url, token, event):
    return {"none": [], "failed": names(url, token, event)[1]}


@photos.wrong("you name nobody whose photo that is", lambda e: b"errors" in e.response.body)
def errors_are_the_end(url, token, event):
    answer, missing = names(url, token, event)
    return {"none": [] if "errors" in answer else missing, "failed": []}


@photos.wrong("something else than names", lambda e: b"errors" in e.response.body)
def places_for_names(url, token, event):
    answer, missing = names(url, token, event)
    return {"none": missing, "failed": [error["path"][2] for error in answer.get("errors", [])]}


@photos.wrong("not those of these speakers", lambda e: b"errors" in e.response.body)
def messages_for_names(url, token, event):
    answer, _ = names(url, token, event)
    failed = {error["path"][2] for error in answer.get("errors", [])}
    speakers = answer["data"]["event"]["speakers"]
    none = [it["name"] for place, it in enumerate(speakers) if it["photo"] is None and place not in failed]
    return {"none": none, "failed": [error["message"] for error in answer.get("errors", [])]}


@photos.wrong("raised KeyError", lambda e: b'"errors"' not in e.response.body, "crashed")
def errors_are_always_there(url, token, event):
    answer, missing = names(url, token, event)
    places = [error["path"][2] for error in answer["errors"]]
    failed = [answer["data"]["event"]["speakers"][place]["name"] for place in places]
    return {"none": [name for name in missing if name not in failed], "failed": failed}


@photos.wrong("The member 'failed' of your dict is a whole number", lambda e: e.status == 200)
def how_many_failed(url, token, event):
    answer, missing = names(url, token, event)
    return {"none": missing, "failed": len(answer.get("errors", []))}


@photos.wrong("a field that is not there; that caused the KeyError", lambda e: b"foto" in e.request.body)
def a_field_misspelt(url, token, event):
    return {"none": names(url, token, event, PHOTOS.replace("photo", "foto"))[1], "failed": []}


@photos.wrong("another event than the one", lambda e: b"abc123" in e.request.body)
def the_event_of_the_lesson(url, token, event):
    return {"none": names(url, token, "abc123")[1], "failed": []}
