"""Answers to `soap.answer_record`: applications that are a hospital, nearly."""

import json
import re
from string import Template
from xml.etree import ElementTree

from lxml import etree
from lxml.builder import ElementMaker
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.soap.envelopes import PATH, SERVICE, SOAP11, SOAP12

answer_record = Answers("soap.answer_record")


@answer_record.right
def a_bare_asgi_application(patients):
    async def application(scope, receive, send):
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        number = ElementTree.fromstring(body).find(f".//{{{SERVICE}}}PatientID").text
        root = ElementTree.Element(f"{{{SOAP11}}}Envelope")
        inside = ElementTree.SubElement(root, f"{{{SOAP11}}}Body")
        status = 200 if number in patients else 500
        (tree if status == 200 else tree_of_fault)(inside, number, patients.get(number))
        content = ElementTree.tostring(root, "utf-8", xml_declaration=True)
        fields = [(b"content-type", b"TEXT/XML;charset=utf-8")]
        await send({"type": "http.response.start", "status": status, "headers": fields})
        for start in range(0, len(content), 100):  # in chunks, since no Content-Length is given
            await send({"type": "http.response.body", "body": content[start : start + 100], "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return application


def child(parent, name, text=None):
    element = ElementTree.SubElement(parent, f"{{{SERVICE}}}{name}")
    element.text = text
    return element


def tree(parent, number, patient):
    record = child(child(parent, "GetPatientRecordResponse"), "PatientRecord")
    child(record, "PatientID", number)
    name = child(record, "Name")
    child(name, "Given", patient["given"])
    child(name, "Family", patient["family"])
    child(record, "DateOfBirth", patient["born"])
    allergies = child(record, "Allergies")
    for substance, severity in patient["allergies"]:
        allergy = child(allergies, "Allergy")
        child(allergy, "Substance", substance)
        child(allergy, "Severity", severity)


def tree_of_fault(parent, number, patient):
    fault = ElementTree.SubElement(parent, f"{{{SOAP11}}}Fault")
    ElementTree.SubElement(fault, "faultcode").text = "Client"
    ElementTree.SubElement(fault, "faultstring").text = "Nobody here has this number."
    child(child_without_namespace(fault), "PatientNotFound").append(child(fault, "PatientID", number))
    fault.remove(fault[-1])


def child_without_namespace(fault):
    return ElementTree.SubElement(fault, "detail")


@answer_record.right
def made_by_lxml_with_prefixes_and_indented(patients):
    P = ElementMaker(namespace=SERVICE, nsmap={"p": SERVICE})
    S = ElementMaker(namespace=SOAP11, nsmap={"s": SOAP11})
    E = ElementMaker()

    def found(number):
        patient = patients[number]
        allergies = [P.Allergy(P.Substance(what), P.Severity(how)) for what, how in patient["allergies"]]
        name = P.Name(P.Given(patient["given"]), P.Family(patient["family"]))
        record = P.PatientRecord(P.PatientID(number), name, P.DateOfBirth(patient["born"]), P.Allergies(*allergies))
        return Response(written(P.GetPatientRecordResponse(record)), media_type="text/xml")

    def missing(number):
        detail = E.detail(P.PatientNotFound(P.PatientID(number)))
        fault = S.Fault(E.faultcode("s:Client"), E.faultstring("Unknown."), E.faultactor("urn:me"), detail)
        return Response(written(fault), 500, media_type="text/xml")

    def written(content):
        message = S.Envelope(S.Header(), S.Body(etree.Comment(" for you "), content))
        message.addprevious(etree.Comment(" made by hand "))
        return etree.tostring(message.getroottree(), pretty_print=True, xml_declaration=True, encoding="UTF-8")

    async def answer(request):
        (number,) = etree.fromstring(await request.body()).xpath("//p:PatientID/text()", namespaces={"p": SERVICE})
        return found(number) if number in patients else missing(number)

    return Starlette(routes=[Mount("/", routes=[Route("/{name:path}", answer, methods=["GET", "POST"])])])


RECORD = """<?xml version="1.0"?>
<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>
<r:GetPatientRecordResponse xmlns:r="http://hospital.example/patient-service"><r:PatientRecord>
<r:PatientID> $number </r:PatientID><r:Name><r:Given>$given</r:Given><r:Family>$family</r:Family></r:Name>
<r:DateOfBirth>$born</r:DateOfBirth><r:Allergies>$allergies</r:Allergies>
</r:PatientRecord></r:GetPatientRecordResponse></Body></Envelope>"""
ALLERGY = """<r:Allergy>
<r:Substance>
  $substance
</r:Substance><r:Severity><![CDATA[$severity]]></r:Severity></r:Allergy>"""
FAULT = """<?xml version="1.0"?>
<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><Fault>
<faultcode xmlns="">Client.NotFound</faultcode><faultstring xmlns="">Nobody.</faultstring>
<detail xmlns=""><PatientNotFound xmlns="http://hospital.example/patient-service">
<PatientID>$number</PatientID></PatientNotFound></detail></Fault></Body></Envelope>"""


@answer_record.right
def templates_and_an_exception_for_the_fault(patients):
    async def answer(request):
        number = re.search(rb"PatientID>\s*(\d+)\s*<", await request.body())[1].decode()
        patient = patients[number]
        allergies = "".join(Template(ALLERGY).substitute(substance=s, severity=v) for s, v in patient["allergies"])
        text = Template(RECORD).substitute(patient, number=number, allergies=allergies)
        request.state.number = number
        return Response(text.encode(), headers={"Content-Type": "text/xml"})

    async def nobody(request, error):
        text = Template(FAULT).substitute(number=error.args[0])
        return Response(text, 500, media_type="text/xml")

    return Starlette(routes=[Route(PATH, answer, methods=["POST"])], exception_handlers={KeyError: nobody})


# --- Wrong ones, each the following application with one thing changed -----------------------------------------------


def record(number, patient):
    allergies = "".join(
        f"<Allergy><Substance>{substance}</Substance><Severity>{severity}</Severity></Allergy>"
        for substance, severity in patient["allergies"]
    )
    return (
        f'<GetPatientRecordResponse xmlns="{SERVICE}"><PatientRecord><PatientID>{number}</PatientID>'
        f"<Name><Given>{patient['given']}</Given><Family>{patient['family']}</Family></Name>"
        f"<DateOfBirth>{patient['born']}</DateOfBirth><Allergies>{allergies}</Allergies>"
        "</PatientRecord></GetPatientRecordResponse>"
    )


def not_found(number):
    return (
        "<s:Fault><faultcode>s:Client</faultcode><faultstring>Nobody.</faultstring>"
        f'<detail><PatientNotFound xmlns="{SERVICE}"><PatientID>{number}</PatientID></PatientNotFound></detail>'
        "</s:Fault>"
    )


def wrapped(content, namespace=SOAP11):
    return f'<s:Envelope xmlns:s="{namespace}"><s:Body>{content}</s:Body></s:Envelope>'


def number_in(content):
    return etree.fromstring(content).findtext(f".//{{{SERVICE}}}PatientID")


def hospital(patients, found=record, missing=not_found, wrap=wrapped, status=500, kind="text/xml", path=PATH, ok=200):
    async def answer(request):
        number = number_in(await request.body())
        if number in patients:
            return Response(wrap(found(number, patients[number])), ok, media_type=kind)
        return Response(wrap(missing(number)), status, media_type=kind)

    return Starlette(routes=[Route(path, answer, methods=["POST"])])


def edited(*changes):
    """The record with some of its text replaced."""

    def found(number, patient):
        text = record(number, patient)
        for old, new in changes:
            text = re.sub(old, new, text)
        return text

    return found


@answer_record.wrong("has nothing for POST /patient-service", lambda e: e.status == 404)
def a_route_of_another_name(patients):
    return hospital(patients, path="/patients")


@answer_record.wrong("that does not take POST", lambda e: e.status == 405)
def a_route_for_get(patients):
    async def answer(request):
        return Response("", media_type="text/xml")

    return Starlette(routes=[Route(PATH, answer)])


@answer_record.wrong("sends the client elsewhere", lambda e: e.status == 307)
def a_slash_at_the_end(patients):
    return hospital(patients, path=f"{PATH}/")


@answer_record.wrong("is not labelled text/xml", lambda e: b"Envelope" in e.response.body)
def xml_that_says_it_is_html(patients):
    return hospital(patients, kind="text/html")


@answer_record.wrong("is JSON", lambda e: e.response.media_type == "application/json")
def a_record_in_json(patients):
    async def answer(request):
        return JSONResponse(patients.get(number_in(await request.body())))

    return Starlette(routes=[Route(PATH, answer, methods=["POST"])])


@answer_record.wrong("is not well-formed XML", lambda e: b"Envelope" in e.response.body)
def an_element_that_does_not_close(patients):
    return hospital(patients, found=edited(("</Allergies>", "")))


@answer_record.wrong("is no SOAP envelope", lambda e: b"Envelope" not in e.response.body)
def a_record_without_an_envelope(patients):
    return hospital(patients, wrap=lambda content: content.replace("s:", ""))


@answer_record.wrong("is an envelope of SOAP 1.2", lambda e: SOAP12.encode() in e.response.body)
def an_envelope_of_12(patients):
    return hospital(patients, wrap=lambda content: wrapped(content, SOAP12))


@answer_record.wrong("no Body with one element", lambda e: b"Body" not in e.response.body)
def an_envelope_without_a_body(patients):
    return hospital(patients, wrap=lambda content: re.sub("</?s:Body>", "", wrapped(content)))


@answer_record.wrong("GetPatientRecordResponse is not in the namespace", lambda e: b"xmlns=" not in e.response.body)
def a_record_without_a_namespace(patients):
    return hospital(patients, found=edited((f' xmlns="{SERVICE}"', "")))


@answer_record.wrong("In your answer PatientRecord is not in the namespace", lambda e: b"<h:" in e.response.body)
def a_prefix_on_the_outer_element_alone(patients):
    return hospital(patients, found=edited(("<(/?)GetPatient", r"<\1h:GetPatient"), ("xmlns=", "xmlns:h=")))


@answer_record.wrong("not the one that the contract names", lambda e: b"<PatientRecord " in e.response.body)
def a_record_without_its_response(patients):
    def found(number, patient):
        text = re.sub("</?GetPatientRecordResponse[^>]*>", "", record(number, patient))
        return text.replace("<PatientRecord>", f'<PatientRecord xmlns="{SERVICE}">')

    return hospital(patients, found=found)


@answer_record.wrong("DateOfBirth is not expected here", lambda e: e.status == 200)
def elements_in_another_order(patients):
    return hospital(patients, found=edited(("(<Name>.*</Name>)(<DateOfBirth>.*</DateOfBirth>)", r"\2\1")))


@answer_record.wrong("Given is not expected here", lambda e: e.status == 200)
def a_name_without_its_wrapper(patients):
    return hospital(patients, found=edited(("</?Name>", "")))


@answer_record.wrong("PatientRecord lacks Allergies", lambda e: e.status == 200)
def no_allergies_for_who_has_none(patients):
    return hospital(patients, found=edited(("<Allergies></Allergies>", "")))


@answer_record.wrong("name in it is not that of patient", lambda e: e.status == 200)
def the_first_patient_for_everybody(patients):
    first = next(iter(patients.values()))
    return hospital(patients, found=lambda number, patient: record(number, first))


@answer_record.wrong("list of allergies in it is not that of patient", lambda e: e.status == 200)
def one_allergy_for_each(patients):
    return hospital(patients, found=lambda number, it: record(number, it | {"allergies": it["allergies"][:1]}))


@answer_record.wrong("refused to give the record of", lambda e: b"<hospital:" in e.request.body)
def a_prefix_known_by_heart(patients):
    async def answer(request):
        number = (re.findall("<p:PatientID>(.*?)<", (await request.body()).decode()) or [""])[0]
        if number in patients:
            return Response(wrapped(record(number, patients[number])), media_type="text/xml")
        return Response(wrapped(not_found(number)), 500, media_type="text/xml")

    return Starlette(routes=[Route(PATH, answer, methods=["POST"])])


@answer_record.wrong("refused to give the record of", lambda e: b"Nobody" in e.response.body)
def numbers_that_are_looked_for_as_numbers(patients):
    return hospital({int(number): patient for number, patient in patients.items()})


@answer_record.wrong("record comes with status 500", lambda e: b"<Family>" in e.response.body)
def a_record_as_if_it_were_a_fault(patients):
    return hospital(patients, ok=500)


@answer_record.wrong("raised KeyError", lambda e: e.request.path == PATH, "crashed")
def nobody_is_never_asked_for(patients):
    async def answer(request):
        number = number_in(await request.body())
        return Response(wrapped(record(number, patients[number])), media_type="text/xml")

    return Starlette(routes=[Route(PATH, answer, methods=["POST"])])


@answer_record.wrong("raised TypeError", lambda e: e.request.path == PATH, "crashed")
def an_answer_that_is_made_and_not_returned(patients):
    async def answer(request):
        number = number_in(await request.body())
        Response(wrapped(record(number, patients[number])), media_type="text/xml")

    return Starlette(routes=[Route(PATH, answer, methods=["POST"])])


@answer_record.wrong("raised ValueError", lambda e: e.request.path == PATH, "crashed")
def xml_taken_for_json(patients):
    async def answer(request):
        try:
            await request.json()
        except json.JSONDecodeError as error:
            raise ValueError(str(error)) from error

    return Starlette(routes=[Route(PATH, answer, methods=["POST"])])


@answer_record.wrong("status 200, and SOAP 1.1 asks for 500", lambda e: b"Fault" in e.response.body)
def a_fault_with_a_200(patients):
    return hospital(patients, status=200)


@answer_record.wrong("status 404, and SOAP 1.1 asks for 500", lambda e: b"Fault" in e.response.body)
def a_fault_with_a_404(patients):
    return hospital(patients, status=404)


@answer_record.wrong("as REST would", lambda e: e.status == 404)
def nobody_as_in_rest(patients):
    async def answer(request):
        number = number_in(await request.body())
        if number in patients:
            return Response(wrapped(record(number, patients[number])), media_type="text/xml")
        return PlainTextResponse("Not Found", 404)

    return Starlette(routes=[Route(PATH, answer, methods=["POST"])])


@answer_record.wrong("answers as if there were", lambda e: b"<Family></Family>" in e.response.body)
def a_record_of_nobody(patients):
    nobody = {"given": "", "family": "", "born": "2000-01-01", "allergies": []}
    return hospital(patients, missing=lambda number: record(number, nobody))


@answer_record.wrong("The parts of your Fault are in a namespace", lambda e: b"<s:faultcode>" in e.response.body)
def a_fault_with_prefixes_everywhere(patients):
    return hospital(patients, missing=lambda number: re.sub("<(/?)(fault|detail)", r"<\1s:\2", not_found(number)))


@answer_record.wrong("Fault is not in the namespace of the envelope", lambda e: b"<Fault>" in e.response.body)
def a_fault_without_a_prefix(patients):
    return hospital(patients, missing=lambda number: not_found(number).replace("s:Fault", "Fault"))


@answer_record.wrong("no faultstring", lambda e: b"faultstring" not in e.response.body)
def a_fault_without_a_sentence(patients):
    return hospital(patients, missing=lambda number: re.sub("<faultstring>.*</faultstring>", "", not_found(number)))


@answer_record.wrong("no faultcode", lambda e: b"faultcode" not in e.response.body)
def a_fault_without_a_code(patients):
    return hospital(patients, missing=lambda number: re.sub("<faultcode>.*</faultcode>", "", not_found(number)))


@answer_record.wrong("has no detail", lambda e: b"<detail>" not in e.response.body)
def a_fault_without_a_detail(patients):
    return hospital(patients, missing=lambda number: re.sub("<detail>.*</detail>", "", not_found(number)))


@answer_record.wrong("does not hold what the contract puts there", lambda e: b"detail" in e.response.body)
def a_detail_without_a_namespace(patients):
    return hospital(patients, missing=lambda number: not_found(number).replace(f' xmlns="{SERVICE}"', ""))


@answer_record.wrong("PatientNotFound lacks PatientID", lambda e: b"PatientNotFound" in e.response.body)
def a_detail_without_a_number(patients):
    return hospital(patients, missing=lambda number: re.sub("<PatientID>.*</PatientID>", "", not_found(number)))


@answer_record.wrong("names another patient", lambda e: b"12345" in e.response.body)
def a_detail_about_somebody_else(patients):
    return hospital(patients, missing=lambda number: not_found(12345))


@answer_record.wrong("cannot be served", None)
def the_text_of_an_answer(patients):
    number, patient = next(iter(patients.items()))
    return wrapped(record(number, patient))


@answer_record.wrong("gave no answer, so its server", lambda e: e.status == 500)
def an_application_that_says_nothing(patients):
    async def application(scope, receive, send):
        await receive()

    return application
