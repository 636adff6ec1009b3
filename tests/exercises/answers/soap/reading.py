"""Answers to `soap.read_contract`."""

import re
import urllib.request
from xml.dom import minidom
from xml.etree import ElementTree

import requests
import zeep

from tests.exercises.answers.answer import Answers

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SCHEMA = "{http://www.w3.org/2001/XMLSchema}"

read_contract = Answers("soap.read_contract")


@read_contract.right
def along_the_port_type_by_elementtree(url):
    root = ElementTree.fromstring(requests.get(f"{url}/laboratory?wsdl").content)
    elements = {it.get("name"): it for it in root.findall(f"{WSDL}types/{SCHEMA}schema/{SCHEMA}element")}
    messages = {it.get("name"): it.find(f"{WSDL}part").get("element") for it in root.findall(f"{WSDL}message")}
    found = {}
    for operation in root.iter(f"{WSDL}portType").__next__():
        message = operation.find(f"{WSDL}input").get("message").split(":")[-1]
        element = elements[messages[message].split(":")[-1]]
        found[operation.get("name")] = [it.get("name") for it in element.iter(f"{SCHEMA}element") if it is not element]
    return found


@read_contract.right
def by_minidom_and_the_custom_that_operation_and_element_share_a_name(url):
    with urllib.request.urlopen(f"{url}/laboratory") as response:
        document = minidom.parse(response)
    schema = document.getElementsByTagName("types")[0].getElementsByTagNameNS("*", "schema")[0]
    port = document.getElementsByTagName("portType")[0]
    takes = {}
    for operation in port.getElementsByTagName("operation"):
        name = operation.getAttribute("name")
        (wrapper,) = (it for it in schema.childNodes if it.attributes and it.getAttribute("name") == name)
        takes[name] = [it.getAttribute("name") for it in wrapper.getElementsByTagNameNS("*", "element")]
    return takes


@read_contract.right
def from_zeep_signatures(url):
    found = {}
    for service in zeep.Client(f"{url}/laboratory?wsdl").wsdl.services.values():
        for port in service.ports.values():
            for operation in port.binding.all().values():
                signature = operation.input.signature()
                found[operation.name] = re.findall(r"(\w+): ", signature)
    return found


def operations_of(url):
    service = zeep.Client(f"{url}/laboratory?wsdl").wsdl.services["LaboratoryService"]
    return service.ports["LaboratoryPort"].binding.all()


def names(it):
    return [name for name, _ in it.body.type.elements]


@read_contract.wrong("is an element of the schema, and no operation", lambda e: e.request.path == "/laboratory")
def every_element_for_an_operation(url):
    root = ElementTree.fromstring(requests.get(f"{url}/laboratory?wsdl").content)
    elements = root.findall(f"{WSDL}types/{SCHEMA}schema/{SCHEMA}element")
    return {it.get("name"): [e.get("name") for e in it.iter(f"{SCHEMA}element") if e is not it] for it in elements}


@read_contract.wrong("is what it answers, not what it takes", lambda e: e.status == 200)
def the_output(url):
    return {name: names(it.output) for name, it in operations_of(url).items()}


@read_contract.wrong("is the element that wraps its arguments", lambda e: e.status == 200)
def the_wrapper(url):
    return {name: [it.input.body.name] for name, it in operations_of(url).items()}


@read_contract.wrong("in another order than the schema's sequence", lambda e: e.status == 200)
def the_other_way_round(url):
    return {name: names(it.input)[::-1] for name, it in operations_of(url).items()}


@read_contract.wrong("returned a list, where a dict is asked for", lambda e: e.status == 200)
def names_of_operations_alone(url):
    return list(operations_of(url))


@read_contract.wrong("nothing at the address that you asked for; that caused the HTTPError", lambda e: e.status == 404)
def the_address_of_the_hospital(url):
    return {name: names(it.input) for name, it in zeep.Client(f"{url}/patient-service?wsdl").wsdl.bindings.items()}


@read_contract.wrong("is text, not a list of names", lambda e: e.status == 200)
def signatures(url):
    return {name: it.input.signature() for name, it in operations_of(url).items()}


@read_contract.wrong("is a dict, not a list of names", lambda e: e.status == 200)
def types_beside_the_names(url):
    return {
        name: {element: kind.type.name for element, kind in it.input.body.type.elements}
        for name, it in operations_of(url).items()
    }


@read_contract.wrong("not plain data", None)
def the_elements_themselves(url):
    return {name: [kind for _, kind in it.input.body.type.elements] for name, it in operations_of(url).items()}


@read_contract.wrong("Your dict lacks the operation", lambda e: e.status == 200)
def the_first_operation(url):
    name, it = next(iter(operations_of(url).items()))
    return {name: names(it.input)}


@read_contract.wrong("which is no operation of this contract", lambda e: e.status == 200)
def names_of_messages(url):
    return {f"{name}In": names(it.input) for name, it in operations_of(url).items()}


@read_contract.wrong("lacks", lambda e: e.status == 200)
def elements_of_text_alone(url):
    return {
        name: [element for element, kind in it.input.body.type.elements if kind.type.name == "string"]
        for name, it in operations_of(url).items()
    }


@read_contract.wrong("raised KeyError", lambda e: e.status == 200, "crashed")
def the_name_of_another_service(url):
    return zeep.Client(f"{url}/laboratory?wsdl").wsdl.services["PatientService"].name
