"""Wrong answers to `soap.answer_record`: what is amiss is the fault for a patient who is not there, or the code."""

import json
import re

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.exercises.answers.soap.answering import answer_record
from tests.exercises.answers.soap.answering_amiss import hospital, not_found, number_in, record, wrapped
from tests.exercises.answers.soap.envelopes import PATH, SERVICE


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
