"""Answers to `graphql.predict_null` and `graphql.predict_statements`."""

from course_support.backends.graphql import app
from course_support.server import Server
from tests.exercises.answers.answer import Answers
from tests.exercises.answers.graphql.requesting import send

predict_null = Answers("graphql.predict_null")


@predict_null.right
def by_a_walk_up_the_types(field, index):
    nullable = {"photo", "sessions", "event"}
    ways = {
        "Event.name": ["event", "name"],
        "Location.city": ["event", "location", "city"],
        "Speaker.bio": ["event", "speakers", index, "bio"],
        "Speaker.photo": ["event", "speakers", index, "photo"],
        "Session.title": ["event", "speakers", index, "sessions", 0, "title"],
    }
    way = ways[field]
    while way[-1] not in nullable:
        way.pop()
    return way


@predict_null.right
def tried_out_on_a_service_of_ones_own(field, index):
    service = app(3)
    events = service.state.events
    event, speaker = next((id, them[index]) for id in events.ids() if len(them := events.speakers_of(id)) > index)
    one = {"Speaker": speaker.id, "Session": events.sessions_of(speaker.id)[0].id}.get(field.partition(".")[0])
    service.state.broken.add(f"{field}:{one}" if one else field)
    query = "query($id: ID!) { event(id: $id) { name location { city } speakers { bio photo sessions { title } } } }"
    with Server(service) as server:
        data = send(server.url, service.state.credentials["organizer"], query, id=event)["data"]
    if data["event"] is None:
        return ["event"]
    found = data["event"]["speakers"][index]
    return ["event", "speakers", index, "photo" if found["sessions"] else "sessions"]


@predict_null.wrong("The error is at", lambda e: b'"errors"' in e.response.body)
def null_where_it_failed(field, index):
    if field == "Speaker.photo":
        return by_a_walk_up_the_types(field, index)
    kind, _, name = field.partition(".")
    ways = {
        "Event": [],
        "Location": ["location"],
        "Speaker": ["speakers", index],
        "Session": ["speakers", index, "sessions", 0],
    }
    return ["event", *ways[kind], name]


@predict_null.wrong("You let null rise further", lambda e: b'"errors"' in e.response.body)
def one_failure_fails_it_all(field, index):
    return ["event"]


@predict_null.wrong("That is not where null stands when", lambda e: b'"errors"' in e.response.body)
def a_speaker_is_replaced_by_null(field, index):
    return ["event", "speakers", index] if field == "Speaker.bio" else by_a_walk_up_the_types(field, index)


@predict_null.wrong("has the place of the object in it", lambda e: b'"errors"' in e.response.body)
def no_places(field, index):
    return [it for it in by_a_walk_up_the_types(field, index) if it != index]


@predict_null.wrong("returned text", None)
def a_path_in_a_text(field, index):
    return ".".join(map(str, by_a_walk_up_the_types(field, index)))


@predict_null.wrong("is not the place of the speaker", lambda e: b'"errors"' in e.response.body)
def counted_from_one(field, index):
    return by_a_walk_up_the_types(field, index + 1)


predict_statements = Answers("graphql.predict_statements")


@predict_statements.right
def added_up(speakers, loader):
    event = count = them = 1
    return event + count + them + (1 if loader else speakers)


@predict_statements.right
def tried_out_with_as_many_speakers(speakers, loader):
    query = "query($id: ID!) { event(id: $id) { name attendeeCount speakers { name sessions { title } } } }"
    service, event = next(
        (service, id)
        for service in map(app, range(100))
        for id in service.state.events.ids()
        if len(service.state.events.speakers_of(id)) == speakers
    )
    service.state.loader = loader
    with Server(service) as server:
        send(server.url, service.state.credentials["organizer"], query, id=event)
        return int(server.recorder.exchanges[0].response.fields.get("Database-Statements"))


@predict_statements.wrong("without one, not 4", lambda e: "Database-Statements" in e.response.fields)
def always_four(speakers, loader):
    return 4


@predict_statements.wrong(
    "ran 4 statements with a loader, not", lambda e: e.response.fields.get("Database-Statements") == "4"
)
def the_loader_changes_nothing(speakers, loader):
    return 3 + speakers


@predict_statements.wrong("not 1.", lambda e: "Database-Statements" in e.response.fields)
def one_query_is_one_statement(speakers, loader):
    return 1


@predict_statements.wrong("statements without one, not", lambda e: "Database-Statements" in e.response.fields)
def n_plus_1_to_the_letter(speakers, loader):
    return 4 if loader else speakers + 1


@predict_statements.wrong("with a loader, not 3", lambda e: e.response.fields.get("Database-Statements") == "4")
def the_count_comes_with_the_event(speakers, loader):
    return 3 if loader else 3 + speakers


@predict_statements.wrong("returned a number, where a whole number", None)
def a_float(speakers, loader):
    return float(added_up(speakers, loader))


@predict_statements.wrong("returned text", None)
def words(speakers, loader):
    return "N+1"
