"""Answers to `rest.create_and_follow`."""

import json
from urllib.parse import urljoin, urlsplit

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client, by_urllib
from tests.exercises.answers.rest.reading import PATH, bearer

create_and_follow = Answers("rest.create_and_follow")


@create_and_follow.right
def http_client_twice(url, token, name, description):
    created = by_http_client(url, "POST", PATH, token, {"description": description, "name": name})
    return by_http_client(url, "GET", created.headers["Location"], token).json()


@create_and_follow.right
def urllib_to_an_absolute_address(url, token, name, description):
    created = by_urllib(url + PATH, token, "POST", {"name": name, "description": description})
    return by_urllib(urljoin(url, created.headers["Location"]), token).json()


@create_and_follow.right
def a_look_at_the_list_before_and_after(url, token, name, description):
    with requests.Session() as session:
        session.headers.update(bearer(token))
        session.get(url + PATH)
        body = json.dumps({"name": name, "description": description}).encode()
        created = session.post(url + PATH, data=body, headers={"Content-Type": "application/json; charset=utf-8"})
        playlist = session.get(urljoin(created.url, created.headers["Location"])).json()
        session.get(url + PATH)
        return playlist


def create(url, token, name, description, **more):
    return requests.post(url + PATH, json={"name": name, "description": description} | more, headers=bearer(token))


@create_and_follow.wrong("this media type in a POST", lambda e: e.status == 415)
def a_form(url, token, name, description):
    answer = requests.post(url + PATH, data={"name": name, "description": description}, headers=bearer(token))
    return answer.json()


@create_and_follow.wrong("you did not go there", lambda e: e.status == 201 and "Location" in e.response.fields)
def the_content_of_the_201(url, token, name, description):
    return create(url, token, name, description).json()


@create_and_follow.wrong("an address of your own making", lambda e: e.status == 201)
def an_address_made_of_the_id(url, token, name, description):
    created = create(url, token, name, description).json()
    return requests.get(f"{url}{PATH}/{created['id']}", headers=bearer(token)).json()


@create_and_follow.wrong("not the one that was asked for", lambda e: e.status == 201)
def a_playlist_without_a_description(url, token, name, description):
    created = requests.post(url + PATH, json={"name": name}, headers=bearer(token))
    return requests.get(url + created.headers["Location"], headers=bearer(token)).json()


@create_and_follow.wrong("nothing at the address", lambda e: e.request.target.startswith("//"))
def a_slash_too_many(url, token, name, description):
    location = create(url, token, name, description).headers["Location"]
    return requests.get(f"{url}/{location}", headers=bearer(token)).json()


@create_and_follow.wrong("does not say who asks", lambda e: e.status == 401 and e.request.method == "GET")
def a_read_without_a_token(url, token, name, description):
    return requests.get(url + create(url, token, name, description).headers["Location"]).json()


@create_and_follow.wrong("refused your last request with 405", lambda e: e.request.method == "PUT")
def a_put_to_the_collection(url, token, name, description):
    content = {"name": name, "description": description}
    return requests.put(url + PATH, json=content, headers=bearer(token)).json()


@create_and_follow.wrong("refused your last request with 422", lambda e: e.request.body.startswith(b'"'))
def json_in_json(url, token, name, description):
    text = json.dumps({"name": name, "description": description})
    return requests.post(url + PATH, json=text, headers=bearer(token)).json()


@create_and_follow.wrong("created 2 playlists", lambda e: e.number == 2 and e.status == 201)
def one_post_for_each_line(url, token, name, description):
    number = create(url, token, name, description).json()["id"]
    location = create(url, token, name, description).headers["Location"]
    assert str(number) not in location
    return requests.get(url + location, headers=bearer(token)).json()


@create_and_follow.wrong("returned text", lambda e: e.request.method == "GET")
def the_playlist_as_text(url, token, name, description):
    location = create(url, token, name, description).headers["Location"]
    return requests.get(url + location, headers=bearer(token)).text


@create_and_follow.wrong("not the playlist that stands at Location", lambda e: e.status == 200)
def what_was_sent_for_what_is_there(url, token, name, description):
    location = create(url, token, name, description).headers["Location"]
    requests.get(url + location, headers=bearer(token))
    return {"name": name, "description": description}


@create_and_follow.wrong("created no playlist", lambda e: e.request.method == "GET")
def a_get_with_content(url, token, name, description):
    answer = requests.get(url + PATH, json={"name": name, "description": description}, headers=bearer(token))
    return answer.json()["playlists"][0]


@create_and_follow.wrong("that caused the KeyError", lambda e: e.status == 401)
def a_token_in_the_content(url, token, name, description):
    created = requests.post(url + PATH, json={"name": name, "description": description, "token": token})
    return requests.get(url + urlsplit(created.headers["Location"]).path).json()
