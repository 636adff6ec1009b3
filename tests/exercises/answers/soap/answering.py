"""Answers to `soap.answer_record`: applications that are a hospital, nearly."""

import re
from string import Template
from xml.etree import ElementTree

from lxml import etree
from lxml.builder import ElementMaker
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Mount, Route

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.soap.envelopes import PATH, SERVICE, SOAP11

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
def made_by_lxml_with_prefixes_indented_and_compressed(patients):
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

    routes = [Mount("/", routes=[Route("/{name:path}", answer, methods=["GET", "POST"])])]
    return Starlette(routes=routes, middleware=[Middleware(GZipMiddleware, minimum_size=1)])


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
