"""Wrong answers to `soap.answer_record`: what is amiss is where the application is, or the record that it gives.

Each is the application of `hospital` with one thing changed.
"""

import re

from lxml import etree
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.exercises.answers.soap.answering import answer_record
from tests.exercises.answers.soap.envelopes import PATH, SERVICE, SOAP11, SOAP12


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
