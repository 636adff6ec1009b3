"""The SOAP door of the bookshop: two operations in a contract that is held before anything is believed."""

from collections.abc import Callable, Iterable
from functools import cache, partial
from importlib.resources import files
from threading import Lock

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import content, soap
from course_support.backends.envelope import header_blocks, parse, version_of
from course_support.backends.problem import Problem
from course_support.backends.shelf import Book
from course_support.backends.shop_access import LARGEST, UNKNOWN, authorize, shelf, trace
from course_support.backends.soap_versions import SOAP11, Fault, element

PATH = "/soap"
NAMESPACE = "http://bookshop.example/stock-service"
WSDL = "http://schemas.xmlsoap.org/wsdl/"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
XML = partial(element, NAMESPACE, None)  # XML("isbn", "9780000000019"): an element of the contract
MOST = 300  # characters of what the parser says, as it quotes what was sent
SCOPES = {"SetStock": "write", "GetBook": "read"}
_one_at_a_time = Lock()  # servers in one process share the schema, and it keeps one log of errors


@cache
def definitions() -> bytes:
    return files(__package__).joinpath("shop_service.wsdl").read_bytes()


@cache
def schema() -> etree.XMLSchema:
    found = etree.fromstring(definitions()).find(f"{{{WSDL}}}types/{{{SCHEMA}}}schema")
    assert found is not None
    # Serialised and read again: prefixes that are declared higher up in the WSDL would be missed otherwise.
    return etree.XMLSchema(etree.fromstring(etree.tostring(found)))


def violation(sent: etree._Element) -> str | None:
    """How an element of the Body breaks the schema first, in the parser's words; None if it does not."""
    with _one_at_a_time:
        if schema().validate(sent):
            return None
        log: Iterable[etree._LogEntry] = schema().error_log  # type: ignore[assignment]
        return " ".join(next(iter(log)).message.replace(f"{{{NAMESPACE}}}", "").split())[:MOST]


def asked(root: etree._Element) -> etree._Element:
    """The one element in the Body. Raises a Fault for a message that is no request of SOAP 1.1 to this service."""
    if version_of(root) is not SOAP11:
        raise Fault("VersionMismatch", f"Send an Envelope of {SOAP11.namespace}: this service speaks SOAP 1.1.")
    if any((it.get(SOAP11.tag("mustUnderstand")) or "").strip() in ("1", "true") for it in header_blocks(root, SOAP11)):
        raise Fault("MustUnderstand", "Leave out mustUnderstand, or the whole header block: this service knows none.")
    inside = [it for body in root.iterfind(SOAP11.tag("Body")) for it in body.iterchildren("{*}*")]
    if len(inside) != 1 or inside[0].tag not in {f"{{{NAMESPACE}}}{name}" for name in OPERATIONS}:
        raise Fault("Client", f"Put one of {' and '.join(OPERATIONS)}, of {NAMESPACE}, into one Body.")
    return inside[0]


# --- The handlers: one for each operation, each from the request element to the response element ---------------------


def set_stock(request: Request, sent: etree._Element) -> etree._Element:
    book, stock, note = found(request, sent), int(text(sent, "stock")), sent.findtext(f"{{{NAMESPACE}}}note")
    change = shelf(request).change(book.isbn, stock=stock, note=note, trace=trace(request), by="soap")
    return XML("SetStockResponse", XML("version", str(change.version)))


def get_book(request: Request, sent: etree._Element) -> etree._Element:
    members = found(request, sent).representation
    return XML("GetBookResponse", XML("book", *(XML(name, str(value)) for name, value in members.items())))


Operation = Callable[[Request, etree._Element], etree._Element]
OPERATIONS: dict[str, Operation] = {"SetStock": set_stock, "GetBook": get_book}


def text(sent: etree._Element, name: str) -> str:
    return (sent.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()


def found(request: Request, sent: etree._Element) -> Book:
    book = shelf(request).get(isbn := text(sent, "isbn"))
    if book is None:
        raise Fault("Client", UNKNOWN, detail=XML("UnknownBook", XML("isbn", isbn)))
    return book


def perform(request: Request, message: bytes, action: str | None) -> bytes:
    sent = asked(parse(message))
    operation = etree.QName(sent).localname
    soap.require_action(action, operation, SOAP11)
    authorize(request, SCOPES[operation])
    if wrong := violation(sent):
        raise Fault("Client", f"Keep the contract at {PATH}?wsdl: {wrong}")
    return SOAP11.envelope(OPERATIONS[operation](request, sent))


# --- What HTTP sees --------------------------------------------------------------------------------------------------


async def call(request: Request) -> Response:
    """Call SetStock or GetBook: send a SOAP 1.1 envelope, get one back."""
    authorize(request, "read")
    _, action = soap.announced(request)
    message, status = await content.read(request, SOAP11.media_type, LARGEST), 200
    try:
        answer = perform(request, message, action)
    except Fault as fault:
        answer, status = fault.message(SOAP11), fault.status(SOAP11)
    return Response(answer, status, {"Content-Type": f"{SOAP11.media_type}; charset=utf-8"})


async def describe(request: Request) -> Response:
    """The contract: add ?wsdl to the address to get it."""
    if "wsdl" not in {parameter.lower() for parameter in request.query_params}:
        raise Problem(404, "Add ?wsdl to the address for the contract, or send a SOAP envelope to it by POST.")
    wsdl = etree.fromstring(definitions())
    for place in wsdl.findall(f"{{{WSDL}}}service/{{{WSDL}}}port/*"):
        place.set("location", str(request.base_url).rstrip("/") + PATH)
    return Response(etree.tostring(wsdl, xml_declaration=True, encoding="utf-8"), media_type="text/xml")


ROUTES = [Route(PATH, call, methods=["POST"]), Route(PATH, describe)]
