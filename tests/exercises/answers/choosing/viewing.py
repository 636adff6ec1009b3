"""Answers to `choosing.three_views`."""

import re

import requests
from sgqlc.endpoint.http import HTTPEndpoint
from zeep import Client, Transport

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client, by_urllib

three_views = Answers("choosing.three_views")
GET_BOOK = """<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>
<GetBook xmlns="http://bookshop.example/stock-service"><isbn>{}</isbn></GetBook></e:Body></e:Envelope>"""
QUERY = "query ($isbn: String!) { book(isbn: $isbn) { isbn stock version } }"


def rest(url, token, isbn):
    return by_urllib(f"{url}/api/v1/books/{isbn}", token).json()


def graphql(url, token, isbn, query=QUERY):
    content = {"query": query, "variables": {"isbn": isbn}}
    return by_http_client(url, "POST", "/graphql", token, content, Connection="close").json()


def soap(url, token, isbn):
    fields = {"Authorization": f"Bearer {token}", "Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"GetBook"'}
    answer = requests.post(f"{url}/soap", GET_BOOK.format(isbn).encode(), headers=fields).text
    return re.search(r"stock>(\d+)<", answer)[1] if "stock>" in answer else None


def views(url, token, isbn):
    book = graphql(url, token, isbn)["data"]["book"]
    return {"REST": rest(url, token, isbn)["stock"], "GraphQL": book["stock"], "SOAP": int(soap(url, token, isbn))}


@three_views.right
def by_hand_with_plain_xml(url, token, isbn):
    return views(url, token, isbn)


@three_views.right
def by_other_libraries_and_the_list(url, token, isbn):
    fields = {"Authorization": f"Bearer {token}"}
    answer = HTTPEndpoint(f"{url}/graphql", fields)(f'{{ book(isbn: "{isbn}") {{ copies: stock }} }}')
    session = requests.Session()
    session.headers.update(fields)
    client = Client(f"{url}/soap?wsdl", transport=Transport(session=session))
    listed = session.get(f"{url}/api/v1/books?fields=stock").json()["books"]
    found = {
        "SOAP": client.service.GetBook(isbn).stock,
        "REST": next(book["stock"] for book in listed if book["isbn"] == isbn),
        "GraphQL": answer["data"]["book"]["copies"],
    }
    session.close()
    return found


@three_views.wrong("You did not read by GraphQL", lambda e: e.request.path.startswith("/api/v1/books/"))
def one_is_as_good_as_three(url, token, isbn):
    return dict.fromkeys(("REST", "GraphQL", "SOAP"), rest(url, token, isbn)["stock"])


@three_views.wrong("Your request does not say who asks", lambda e: e.request.path == "/soap")
def soap_without_a_token(url, token, isbn):
    fields = {"Content-Type": "text/xml", "SOAPAction": '"GetBook"'}
    answer = requests.post(f"{url}/soap", GET_BOOK.format(isbn).encode(), headers=fields)
    return {"REST": rest(url, token, isbn)["stock"], "GraphQL": 0, "SOAP": len(answer.text)}


@three_views.wrong(
    "does not say who asks, so the service answered 401; that caused", lambda e: e.request.path == "/soap"
)
def zeep_without_a_token(url, token, isbn):
    return {"SOAP": Client(f"{url}/soap?wsdl").service.GetBook(isbn=isbn)["stock"]}


@three_views.wrong("You read SOAP's contract, and called no operation of it", lambda e: "wsdl" in e.request.target)
def the_contract_alone(url, token, isbn):
    stock = rest(url, token, isbn)["stock"]
    requests.get(f"{url}/soap?wsdl")
    return {"REST": stock, "GraphQL": graphql(url, token, isbn)["data"]["book"]["stock"], "SOAP": stock}


@three_views.wrong("The stock by SOAP is text in your dict", lambda e: b"GetBookResponse" in e.response.body)
def xml_as_it_is(url, token, isbn):
    return views(url, token, isbn) | {"SOAP": soap(url, token, isbn)}


@three_views.wrong("What you return for GraphQL is the version", lambda e: e.request.path == "/graphql")
def the_number_beside_it(url, token, isbn):
    return views(url, token, isbn) | {"GraphQL": graphql(url, token, isbn)["data"]["book"]["version"]}


@three_views.wrong("What you return for REST is the stock of another book", lambda e: e.request.method == "GET")
def the_first_of_the_list(url, token, isbn):
    books = by_urllib(f"{url}/api/v1/books", token).json()["books"]
    return views(url, token, isbn) | {"REST": next(it["stock"] for it in books if it["isbn"] != isbn)}


@three_views.wrong("Your query does not ask for the stock", lambda e: e.request.path == "/graphql")
def a_title_is_enough(url, token, isbn):
    stock = rest(url, token, isbn)["stock"]
    graphql(url, token, isbn, QUERY.replace("stock", "title"))
    return {"REST": stock, "GraphQL": stock, "SOAP": int(soap(url, token, isbn))}


@three_views.wrong("GraphQL found something wrong with your query", lambda e: b'"errors"' in e.response.body)
def another_fields_name(url, token, isbn):
    stock = rest(url, token, isbn)["stock"]
    graphql(url, token, isbn, QUERY.replace("version", "copies"))
    return {"REST": stock, "GraphQL": stock, "SOAP": int(soap(url, token, isbn))}


@three_views.wrong("SOAP answered with a fault", lambda e: e.status == 500, step="Take the ISBN")
def another_books_envelope(url, token, isbn):
    graphql(url, token, isbn)
    soap(url, token, isbn[::-1])
    return {"REST": rest(url, token, isbn)["stock"], "GraphQL": 0, "SOAP": 0}


@three_views.wrong("What you asked REST for was answered with 404", lambda e: e.status == 404)
def braces_without_an_f(url, token, isbn):
    by_urllib(url + "/api/v1/books/{isbn}", token)
    return {"REST": 0, "GraphQL": 0, "SOAP": 0}


@three_views.wrong("Your function returned a list, where a dict is asked for", lambda e: e.request.path == "/soap")
def in_their_order(url, token, isbn):
    return list(views(url, token, isbn).values())


@three_views.wrong("The service has nothing at the address", lambda e: e.request.path.startswith("/soap/"))
def soap_with_an_address_for_each_book(url, token, isbn):
    stock = rest(url, token, isbn)["stock"]
    requests.get(f"{url}/soap/{isbn}", headers={"Authorization": f"Bearer {token}"})
    return {"REST": stock, "GraphQL": stock, "SOAP": stock}
