"""Answers to `rest.second_read`."""

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client, by_urllib
from tests.exercises.answers.rest.reading import PATH, bearer

second_read = Answers("rest.second_read")


@second_read.right
def http_client_and_a_copy(url, token, id):
    copy = by_http_client(url, "GET", f"{PATH}/{id}", token)
    again = by_http_client(url, "GET", f"{PATH}/{id}", token, if_none_match=copy.headers["etag"])
    return (copy if again.status == 304 else again).json()


@second_read.right
def a_weak_tag_in_a_list_by_urllib(url, token, id):
    copy = by_urllib(f"{url}{PATH}/{id}", token)
    tags = f'"another", W/{copy.headers["ETag"]}'
    again = by_urllib(f"{url}{PATH}/{id}", token, If_None_Match=tags)
    return again.json() if again.status == 200 else copy.json()


@second_read.right
def a_head_that_tells_whether_the_tag_is_the_same(url, token, id):
    address, headers = f"{url}{PATH}/{id}", bearer(token)
    copy = requests.get(address, headers=headers)
    if requests.head(address, headers=headers).headers["ETag"] == copy.headers["ETag"]:
        return copy.json()
    return requests.get(address, headers=headers).json()


def reads(url, token, id, **condition):
    address, headers = f"{url}{PATH}/{id}", bearer(token)
    first = requests.get(address, headers=headers)
    fields = {name.replace("_", "-"): first.headers.get(value, value) for name, value in condition.items()}
    return first, requests.get(address, headers=headers | fields)


@second_read.wrong("brought the whole playlist again", lambda e: e.status == 200 and e.number == 2)
def two_plain_reads(url, token, id):
    return reads(url, token, id)[1].json()


@second_read.wrong("trusted your copy", lambda e: e.number == 1)
def one_read(url, token, id):
    return requests.get(f"{url}{PATH}/{id}", headers=bearer(token)).json()


@second_read.wrong("a date cannot tell", lambda e: e.status == 304 and "If-Modified-Since" in e.request.fields)
def a_date_for_a_tag(url, token, id):
    first, second = reads(url, token, id, If_Modified_Since="Last-Modified")
    return first.json() if second.status_code == 304 else second.json()


@second_read.wrong("another entity tag", lambda e: e.status == 200 and '"' not in e.request.fields.get("If-None-Match"))
def a_tag_without_its_quotation_marks(url, token, id):
    address, headers = f"{url}{PATH}/{id}", bearer(token)
    first = requests.get(address, headers=headers)
    tag = first.headers["ETag"].strip('"')
    second = requests.get(address, headers=headers | {"If-None-Match": tag})
    return first.json() if second.status_code == 304 else second.json()


@second_read.wrong("sent If-Match, which is for changes", lambda e: "If-Match" in e.request.fields)
def the_field_for_changes(url, token, id):
    first, second = reads(url, token, id, If_Match="ETag")
    return second.json() if second.ok else first.json()


@second_read.wrong("returned the old one", lambda e: e.status == 200 and "If-None-Match" in e.request.fields)
def the_copy_in_any_case(url, token, id):
    return reads(url, token, id, If_None_Match="ETag")[0].json()


@second_read.wrong("JSONDecodeError in line", lambda e: e.status == 304, "crashed")
def content_of_a_304(url, token, id):
    _, second = reads(url, token, id, If_None_Match="ETag")
    return second.json()


@second_read.wrong("your condition did not see it", lambda e: e.request.fields.get("If-None-Match") == "*")
def a_star_for_a_tag(url, token, id):
    first, second = reads(url, token, id, If_None_Match="*")
    return first.json() if second.status_code == 304 else second.json()


@second_read.wrong("nothing at the address", lambda e: e.status == 404)
def the_number_as_a_query(url, token, id):
    address = f"{url}{PATH}/id"
    first = requests.get(address, params={"id": id}, headers=bearer(token))
    return first.json()
