"""The contract of the SOAP door, as zeep reads it, and what is refused that keeps out of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
import requests
from lxml import etree
from zeep.exceptions import Fault, TransportError

from course_support.backends.shop_soap import NAMESPACE
from course_support.backends.soap_versions import SOAP11, SOAP12

from .shops import ISBN, NOBODYS, Shop, open_shop, refused


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop
        assert shop.tracebacks == 0


def request(inside: str, namespace: str = SOAP11.namespace, header: str = "") -> str:
    return (
        f'<s:Envelope xmlns:s="{namespace}" xmlns="{NAMESPACE}">'
        f"<s:Header>{header}</s:Header><s:Body>{inside}</s:Body></s:Envelope>"
    )


def call(shop: Shop, message: str | bytes, action: str = "SetStock", media_type: str = "text/xml") -> requests.Response:
    fields = {"Content-Type": f"{media_type}; charset=utf-8", "SOAPAction": f'"{action}"'}
    return shop("POST", "/soap", data=message, headers=fields)


def set_stock(isbn: str = ISBN, stock: str = "7", note: str = "<note>n</note>") -> str:
    return f"<SetStock><isbn>{isbn}</isbn><stock>{stock}</stock>{note}</SetStock>"


def fault(answer: requests.Response) -> tuple[str, str]:
    """Code and reason of the fault that the answer must be."""
    assert answer.status_code == 500, answer.text
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    found = etree.fromstring(answer.content)
    return str(found.findtext(".//faultcode")), str(found.findtext(".//faultstring"))


def test_zeep_sets_the_stock_and_reads_the_book(shop: Shop) -> None:
    service = shop.soap()
    version = shop.version()
    assert service.SetStock(isbn=ISBN, stock=0, note="  two\n lines ") == version + 1
    assert service.SetStock(ISBN, 8) == version + 2
    book = service.GetBook(isbn=ISBN)
    assert (book.stock, book.note, book.version) == (8, "  two\n lines ", version + 2)
    assert isinstance(book.price, Decimal)
    assert service.SetStock(ISBN, 8, "") == version + 3
    assert shop.shelf.state()[ISBN] == (8, "")


def test_zeep_raises_the_fault_with_its_detail(shop: Shop) -> None:
    for ask in (lambda: shop.soap().SetStock(NOBODYS, 1), lambda: shop.soap().GetBook(NOBODYS)):
        with pytest.raises(Fault, match="has none with the one that you sent") as caught:
            ask()
        assert caught.value.code == "soap:Client"
        assert caught.value.detail.findtext(".//{*}UnknownBook/{*}isbn") == NOBODYS


def test_who_may_only_read_reads(shop: Shop) -> None:
    assert shop.soap("partner").GetBook(ISBN).isbn == ISBN
    with pytest.raises(TransportError, match="403"):
        shop.soap("partner").SetStock(ISBN, 1)


def test_the_contract_needs_no_token_and_names_the_address(shop: Shop) -> None:
    wsdl = requests.get(f"{shop.server.url}/soap?WSDL", timeout=20)
    assert f'location="{shop.server.url}/soap"' in wsdl.text
    refused(requests.get(f"{shop.server.url}/soap", timeout=20), 404)


BROKEN = {
    "isbn": set_stock(isbn="97800"),
    "too much": set_stock(stock="1000001"),
    "less than nothing": set_stock(stock="-1"),
    "half": set_stock(stock="1.5"),
    "zeros without end": set_stock(stock="0" * 5000 + "7"),
    "no stock": f"<SetStock><isbn>{ISBN}</isbn></SetStock>",
    "note too long": set_stock(note=f"<note>{'x' * 100_001}</note>"),
    "an element more": set_stock(note="<note/><price>1</price>"),
    "a long value": set_stock(isbn="x" * 50_000),
}


@pytest.mark.parametrize("inside", BROKEN.values(), ids=BROKEN)
def test_what_breaks_the_contract_changes_nothing(shop: Shop, inside: str) -> None:
    version = shop.version()
    code, reason = fault(call(shop, request(inside)))
    assert code == "soap:Client"
    assert reason.startswith("Keep the contract at /soap?wsdl: ")
    assert len(reason) < 400
    assert shop.version() == version


MUST = '<x:Payment xmlns:x="urn:x" s:mustUnderstand="1"/>'
SECURITY = (
    '<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" {}/>'
)
MISSHAPEN = {
    "empty": ("", "Client"),
    "no xml": ("{}", "Client"),
    "a doctype": (f"<!DOCTYPE x>{request(set_stock())}", "Client"),
    "no envelope": ("<SetStock/>", "VersionMismatch"),
    "SOAP 1.2": (request(set_stock(), SOAP12.namespace), "VersionMismatch"),
    "nothing": (request(""), "Client"),
    "two": (request(set_stock() * 2), "Client"),
    "another": (request("<Delete/>"), "Client"),
    "another's": (request('<SetStock xmlns="urn:x"/>'), "Client"),
    "must be understood": (request(set_stock(), header=MUST), "MustUnderstand"),
    "so must this": (request(set_stock(), header=SECURITY.format('s:mustUnderstand="1"')), "MustUnderstand"),
}


@pytest.mark.parametrize(("message", "code"), MISSHAPEN.values(), ids=MISSHAPEN)
def test_what_is_no_request_of_soap_is_a_fault(shop: Shop, message: str, code: str) -> None:
    version = shop.version()
    found, reason = fault(call(shop, message))
    assert (found, reason[-1]) == (f"soap:{code}", ".")
    assert shop.version() == version


def test_what_need_not_be_understood_is_left_alone(shop: Shop) -> None:
    assert call(shop, request(set_stock(), header=SECURITY.format(""))).status_code == 200


def test_the_fields_must_fit_the_message(shop: Shop) -> None:
    assert "SOAPAction" in fault(call(shop, request(set_stock()), action="GetBook"))[1]
    refused(call(shop, request(set_stock()), media_type="application/soap+xml"), 415)
    refused(call(shop, request(set_stock()), media_type="application/json"), 415)
