"""The exercise that reads a contract nobody has seen before: what a service can do, and what it asks for."""

from __future__ import annotations

import random
from dataclasses import replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import problem
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.rules import named, not_found, of_type, sent_nothing
from course_support.verdict import Verdict, value_text, wrong

ADDRESS = "/laboratory"
OPERATIONS = ("OrderTest", "CancelTest", "ReadResult", "ListSamples", "ReleaseReport", "CountBeds")
ELEMENTS = {
    "PatientID": "positiveInteger",
    "SampleID": "string",
    "Test": "string",
    "Urgent": "boolean",
    "Since": "date",
    "Ward": "string",
    "Copies": "int",
}


def _scenes(draw: random.Random) -> list[Scene]:
    chosen = draw.sample(OPERATIONS, draw.randint(3, 4))
    expected = {name: draw.sample(list(ELEMENTS), draw.randint(1, 4)) for name in chosen}
    return [Scene(_laboratory(expected, draw), {"url": URL}, {"operations": expected})]


def _laboratory(operations: dict[str, list[str]], draw: random.Random) -> Starlette:
    """A service that is all contract: it describes operations, and performs none of them."""

    async def describe(request: Request) -> Response:
        return Response(wsdl, media_type="text/xml")

    wsdl = _wsdl(operations, draw)
    return Starlette(routes=[Route(ADDRESS, describe)], exception_handlers=problem.HANDLERS)


def _wsdl(operations: dict[str, list[str]], draw: random.Random) -> str:
    elements = [_element(name, members) for name, members in operations.items()]
    elements += [_element(f"{name}Response", ["Report"]) for name in operations]
    elements += [_element("NotAvailable", ["Reason"])]  # declared, and part of no operation's input
    draw.shuffle(elements)
    messages = "".join(
        f'<message name="{name}{way}"><part name="parameters" element="t:{name}{suffix}"/></message>'
        for name in operations
        for way, suffix in (("In", ""), ("Out", "Response"))
    )
    ports = "".join(
        f'<operation name="{name}"><input message="t:{name}In"/><output message="t:{name}Out"/></operation>'
        for name in operations
    )
    bound = "".join(
        f'<operation name="{name}"><s:operation soapAction="{name}"/><input><s:body use="literal"/></input>'
        '<output><s:body use="literal"/></output></operation>'
        for name in operations
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="http://laboratory.example/" name="Laboratory"
  targetNamespace="http://laboratory.example/">
<types><x:schema targetNamespace="http://laboratory.example/" elementFormDefault="qualified">
{"".join(elements)}</x:schema></types>
{messages}
<portType name="LaboratoryPortType">{ports}</portType>
<binding name="LaboratoryBinding" type="t:LaboratoryPortType">
<s:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>{bound}</binding>
<service name="LaboratoryService"><port name="LaboratoryPort" binding="t:LaboratoryBinding">
<s:address location="http://laboratory.example/"/></port></service>
</definitions>
"""


def _element(name: str, members: list[str]) -> str:
    inside = "".join(f'<x:element name="{member}" type="x:{ELEMENTS.get(member, "string")}"/>' for member in members)
    return f'<x:element name="{name}"><x:complexType><x:sequence>{inside}</x:sequence></x:complexType></x:element>\n'


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        _elsewhere,
        of_type(dict, 'a dict such as {"OrderTest": ["PatientID", "Test"]}'),
        _other_operations,
        _other_elements,
    )


def _elsewhere(evidence: Evidence) -> Verdict | None:
    verdict = not_found(evidence)
    return verdict and replace(verdict, next_step=f'The contract stands at `url + "{ADDRESS}?wsdl"`.')


def _other_operations(evidence: Evidence) -> Verdict | None:
    operations, value = evidence.expected["operations"], evidence.value
    if operations.keys() == value.keys():
        return None
    more, less = [name for name in value if name not in operations], [name for name in operations if name not in value]
    if not more:
        cause = f"Your dict lacks the operation {less[0]}."
    elif more[0].endswith("Response") or more[0] == "NotAvailable":
        cause = f"{more[0]} is an element of the schema, and no operation."
    else:
        cause = f"Your dict has {value_text(more[0], 60)}, which is no operation of this contract."
    return wrong(
        cause,
        evidence.last,
        expected=f"the {len(operations)} operations of the portType",
        seen=", ".join(value) or "none",
        next_step="The operations stand in the portType, and again in the binding; the types only say what they carry.",
    )


def _other_elements(evidence: Evidence) -> Verdict | None:
    operations, value = evidence.expected["operations"], evidence.value
    odd = next((name for name in operations if not same(value[name], operations[name])), None)
    if not odd:
        return None
    wanted, seen = operations[odd], value[odd]
    if not isinstance(seen, list):
        cause = f"What stands for {odd} in your dict is {named(seen)}, not a list of names."
    elif seen == ["Report"]:
        cause = f"What you list for {odd} is what it answers, not what it takes."
    elif seen == [odd]:
        cause = f"What you list for {odd} is the element that wraps its arguments, not what is in it."
    elif len(seen) == len(wanted) and all(name in seen for name in wanted):
        cause = f"You list what {odd} takes in another order than the schema's sequence."
    elif less := [name for name in wanted if name not in seen]:
        cause = f"What you list for {odd} lacks {less[0]}."
    else:
        cause = f"What you list for {odd} holds more than its input takes."
    return wrong(
        cause,
        evidence.last,
        expected="the elements inside the input's element, in the order of its sequence",
        seen=f"{odd}: {value_text(seen, 200)}",
        next_step="portType → operation → input → message → part → element: follow one operation through by hand.",
    )


READ_CONTRACT = Exercise(
    "soap.read_contract",
    "Read a contract that you have never seen",
    2,
    (
        "`zeep.Client(…).wsdl.dump()` prints the operations with their arguments. The same is there as objects: "
        "`client.wsdl.services`, then `.ports`, then `.binding`.",
        "`for service in client.wsdl.services.values(): for port in service.ports.values(): for name, operation in "
        "port.binding.all().items():` and then `[name for name, _ in operation.input.body.type.elements]`.",
    ),
    _scenes,
    _judge,
)
