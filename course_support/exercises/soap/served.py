"""What every answer of a SOAP service must be before its content counts: there, XML, and an envelope."""

from __future__ import annotations

from lxml import etree

from course_support.backends.envelope import CAREFUL
from course_support.backends.soap import PATH
from course_support.backends.soap_versions import SOAP11, SOAP12
from course_support.evidence import Evidence
from course_support.exercises.soap.messages import response_root
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange, Response


def no_answer(evidence: Evidence) -> Verdict | None:
    """The application has no answer to give, or another application's."""
    last = evidence.afterwards[-1]
    for exchange in evidence.afterwards:
        status = exchange.status
        if not exchange.response:
            cause, step = "Your application gave no answer.", "Each way through your code has to end in a response."
        elif status == 404 and exchange is last and exchange.number > 1:
            continue  # it has answered before: this is what it says of a patient who is not there
        elif status == 404:
            cause = f"Your application has nothing for POST {PATH}."
            step = f'`Route("{PATH}", answer, methods=["POST"])` is the route.'
        elif status == 405:
            cause = f"Your application has a route for {PATH} that does not take POST."
            step = "A Route of Starlette takes GET alone, unless it is told `methods`."
        elif 300 <= exchange.response.status < 400:
            cause = "Your application sends the client elsewhere instead of answering."
            step = "The address in the contract has no slash at its end: compare your route's, letter by letter."
        else:
            continue
        seen = f"{status} {exchange.response.reason}" if exchange.response else "no answer at all"
        return wrong(cause, exchange, expected=f"an answer to POST {PATH}", seen=seen, next_step=step)
    return None


def no_xml(evidence: Evidence) -> Verdict | None:
    """An answer is something else than XML, or is not labelled as SOAP 1.1 is (SOAP 1.1, section 6)."""
    for exchange in evidence.afterwards:
        response = exchange.response
        if not response or (response_root(exchange) is not None and response.media_type == "text/xml"):
            continue
        cause, seen, step = _other_content(response)
        if response.status == 404:
            cause = "For a patient who is not there your application answers 404, as REST would."
            seen = f"404 {response.reason}"
            step = "In SOAP a fault says so. HTTP's status is then 500, whatever the reason."
        expected = "Content-Type: text/xml; charset=utf-8, and well-formed XML"
        return wrong(cause, exchange, expected=expected, seen=seen, next_step=step)
    return None


def _other_content(response: Response) -> tuple[str, str, str]:
    """The cause, what is there, and the next step."""
    if response.status == 500 and response.body == b"Internal Server Error":
        step = "Each way through your code has to end in a response."
        return "Your application gave no answer, so its server answered 500.", response.body.decode(), step
    if not response.body:
        return "Your application answers with nothing in it.", "no content", "An envelope has to come back each time."
    if response.json() is not None:
        return "What your application answers is JSON, not XML.", response.text or "", LABEL
    try:
        etree.fromstring(response.body, etree.XMLParser(**CAREFUL))
    except etree.XMLSyntaxError as error:
        step = "The parser names the line and the column where it gave up; each element that opens must close."
        return "What your application answers is not well-formed XML.", error.msg or "", step
    label = response.fields.get("Content-Type") or "not said"
    return "What your application answers is not labelled text/xml.", f"Content-Type: {label}", LABEL


LABEL = 'With Starlette: `Response(text, media_type="text/xml; charset=utf-8")`.'


def no_envelope(evidence: Evidence) -> Verdict | None:
    """An answer is no SOAP 1.1 envelope around one element (SOAP 1.1, section 4)."""
    for exchange in evidence.afterwards:
        root = response_root(exchange)
        if root is None or len(inside(root)) == 1:
            continue
        seen, count = str(root.tag), len(inside(root))
        if root.tag == SOAP12.tag("Envelope"):
            cause = "What your application answers is an envelope of SOAP 1.2, and it was asked in SOAP 1.1."
        elif root.tag != SOAP11.tag("Envelope"):
            cause = "What your application answers is no SOAP envelope."
        else:
            cause = "The envelope of your answer has no Body with one element in it."
            seen = f"a Body with {count} elements" if root.find(SOAP11.tag("Body")) is not None else "no Body"
        return wrong(
            cause,
            exchange,
            expected=f"Envelope and Body in {SOAP11.namespace}, and one element in the Body",
            seen=seen,
            next_step="Look at an answer of the lesson's service: which elements stand around the record?",
        )
    return None


def inside(root: etree._Element) -> list[etree._Element]:
    """The elements in the Body of a SOAP 1.1 envelope; none for anything else."""
    return root.findall(f"{SOAP11.tag('Body')}/*") if root.tag == SOAP11.tag("Envelope") else []


def content(exchange: Exchange) -> etree._Element:
    """The one element in the Body of an answer that holds to the rules above."""
    root = response_root(exchange)
    assert root is not None
    return inside(root)[0]
