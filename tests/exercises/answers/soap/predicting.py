"""Answers to the exercises that predict."""

from lxml import etree

from course_support.backends.soap import app
from course_support.server import Server
from tests.exercises.answers.answer import Answers
from tests.exercises.answers.soap.envelopes import (
    FIELDS12,
    SERVICE,
    SOAP12,
    body,
    by_http_client,
    envelope,
    security,
    security_with_digest,
)

predict_answer = Answers("soap.predict_answer")
USER, PASSWORD = "hospital_system", "secure_password"
TRACE = '<t:Trace xmlns:t="http://elsewhere.example/"{}/>'


@predict_answer.right
def case_by_case(change):
    match change:
        case "other prefix" | "unknown header":
            return {"code": "", "status": 200}
        case "no namespace" | "other namespace":
            return {"code": "Client", "status": 500}
        case "unknown envelope":
            return {"code": "VersionMismatch", "status": 500}
        case "unknown header that must be understood":
            return {"code": "MustUnderstand", "status": 500}
    return {"code": "FailedAuthentication", "status": 400 if change.startswith("SOAP 1.2") else 500}


@predict_answer.right
def tried_out_on_a_hospital_of_ones_own(change):
    good, call = security(USER, PASSWORD), body(12345)
    fields = {"fields": FIELDS12} if "1.2" in change else {}
    message = {
        "other prefix": envelope(good, call, prefix="other"),
        "no namespace": envelope(good, call.replace(f' xmlns="{SERVICE}"', "")),
        "other namespace": envelope(good, call.replace(SERVICE, "urn:other")),
        "wrong password": envelope(security(USER, "wrong"), call),
        "unknown header": envelope(good + TRACE.format(""), call),
        "unknown header that must be understood": envelope(good + TRACE.format(' S:mustUnderstand="1"'), call),
        "unknown envelope": envelope(good, call, "urn:envelope"),
        "SOAP 1.2 and a wrong password": envelope(security(USER, "wrong"), call, SOAP12),
    }[change]
    with Server(app(1)) as server:
        answer = by_http_client(server.url, message, **fields)
    codes = [*etree.fromstring(answer.body).iter("faultcode", f"{{{SOAP12}}}Value")]
    return {"status": answer.status, "code": codes[-1].text.split(":")[-1] if codes else ""}


def says(**others):
    """All right but for what is said of one change, its blanks written as `_`."""

    def answer(change):
        return case_by_case(change) | others.get(change.replace(" ", "_").replace(".", "_"), {})

    return answer


@predict_answer.wrong("With “other prefix” the service answers 200, not 500", lambda e: b"<env:" in e.request.body)
def a_prefix_is_part_of_a_name(change):
    return says(other_prefix={"status": 500, "code": "Client"})(change)


@predict_answer.wrong("With “other namespace” the service answers 500, not 200", lambda e: e.status == 500)
def a_name_is_a_name(change):
    return says(other_namespace={"status": 200, "code": ""})(change)


@predict_answer.wrong("With “no namespace” the service answers 500, not 400", lambda e: e.status == 500)
def a_broken_contract_is_a_400(change):
    return says(no_namespace={"status": 400})(change)


@predict_answer.wrong("With “wrong password” the service answers 500, not 401", lambda e: e.status == 500)
def a_wrong_password_is_a_401(change):
    return says(wrong_password={"status": 401})(change)


@predict_answer.wrong("code is FailedAuthentication, not 'Client'", lambda e: b"wsse:Failed" in e.response.body)
def everything_is_the_client(change):
    return says(wrong_password={"code": "Client"})(change)


@predict_answer.wrong("With “unknown header” the service answers 200, not 500", lambda e: b"Trace" in e.request.body)
def every_header_must_be_understood(change):
    return says(unknown_header={"status": 500, "code": "MustUnderstand"})(change)


@predict_answer.wrong("must be understood” the service answers 500, not 200", lambda e: e.status == 500)
def no_header_must_be_understood(change):
    return says(unknown_header_that_must_be_understood={"status": 200, "code": ""})(change)


@predict_answer.wrong("code is VersionMismatch, not 'Client'", lambda e: b"envelope.example" in e.request.body)
def an_envelope_is_the_clients(change):
    return says(unknown_envelope={"code": "Client"})(change)


@predict_answer.wrong("SOAP 1.2 and a wrong password” the service answers 400, not 500", lambda e: e.status == 400)
def every_fault_is_a_500(change):
    return says(SOAP_1_2_and_a_wrong_password={"status": 500})(change)


@predict_answer.wrong("code is FailedAuthentication, not 'Sender'", lambda e: e.status == 400)
def the_code_around_the_subcode(change):
    return says(SOAP_1_2_and_a_wrong_password={"code": "Sender"})(change)


@predict_answer.wrong("with its prefix", lambda e: b"soap:" in e.response.body)
def codes_with_their_prefixes(change):
    answer = case_by_case(change)
    return answer | {"code": answer["code"] and f"soap:{answer['code']}"}


@predict_answer.wrong("The member 'code' of your dict is nothing (None), not text", None)
def none_for_no_fault(change):
    answer = case_by_case(change)
    return answer | {"code": answer["code"] or None}


@predict_answer.wrong("there is no fault", lambda e: e.status == 200)
def a_code_for_success(change):
    return says(other_prefix={"code": "OK"}, unknown_header={"code": "OK"})(change)


@predict_answer.wrong("The member 'status' of your dict is text", None)
def a_status_as_text(change):
    return case_by_case(change) | {"status": str(case_by_case(change)["status"])}


@predict_answer.wrong("returned a list", None)
def a_pair(change):
    return case_by_case(change)["status"], case_by_case(change)["code"]


predict_listener = Answers("soap.predict_listener")


@predict_listener.right
def by_a_table(password_type, medications):
    table = {
        ("PasswordText", True): (True, True),
        ("PasswordText", False): (True, False),
        ("PasswordDigest", True): (False, True),
        ("PasswordDigest", False): (False, False),
    }
    password, medication = table[password_type, medications]
    return {"medication": medication, "allergy": True, "password": password, "username": True}


@predict_listener.right
def by_listening(password_type, medications):
    make = security if password_type == "PasswordText" else security_with_digest
    asked = f"<IncludeMedications>{str(medications).lower()}</IncludeMedications>"
    service = app(1)
    with Server(service) as server:
        by_http_client(server.url, envelope(make(USER, PASSWORD), body(12345, asked)))
        (heard,) = server.recorder.exchanges
    line = (heard.request.body + heard.response.body).decode()
    patient = service.state.patients.get(12345)
    words = {"allergy": patient.allergies[0].substance, "medication": patient.medications[0].name}
    return {name: word in line for name, word in ({"username": USER, "password": PASSWORD} | words).items()}


def hears(password_type, medications, **others):
    return by_a_table(password_type, medications) | others


@predict_listener.wrong(
    "With PasswordText, a listener can read the password", lambda e: b"#PasswordText" in e.request.body
)
def a_password_is_hidden_somehow(password_type, medications):
    return hears(password_type, medications, password=False)


@predict_listener.wrong(
    "With PasswordDigest, a listener cannot read the password", lambda e: b"Nonce" in e.request.body
)
def a_digest_can_be_turned_back(password_type, medications):
    return hears(password_type, medications, password=True)


@predict_listener.wrong("PasswordDigest, a listener can read the username", lambda e: b"Nonce" in e.request.body)
def a_digest_hides_who_asks(password_type, medications):
    return hears(password_type, medications, username=password_type == "PasswordText")


@predict_listener.wrong("PasswordDigest, a listener can read the allergy", lambda e: b"Allergy" in e.response.body)
def a_digest_is_encryption(password_type, medications):
    clear = password_type == "PasswordText"
    return hears(password_type, medications, allergy=clear)


@predict_listener.wrong("a listener cannot read the medication", lambda e: b"Medications>" not in e.response.body)
def all_of_it_always(password_type, medications):
    return hears(password_type, medications, medication=True)


@predict_listener.wrong("a listener can read the medication", lambda e: b"Medications>" in e.response.body)
def medications_are_private(password_type, medications):
    return hears(password_type, medications, medication=False)


@predict_listener.wrong("The member 'username' of your dict is text, not True or False", None)
def words_for_true_and_false(password_type, medications):
    return {name: str(value) for name, value in hears(password_type, medications).items()} | {"username": "yes"}


@predict_listener.wrong("no member 'allergy'", None)
def what_the_digest_is_about(password_type, medications):
    told = hears(password_type, medications)
    return {"username": told["username"], "password": told["password"]}


@predict_listener.wrong("returned True, where a dict", None)
def the_password_alone(password_type, medications):
    return password_type == "PasswordText" or medications or True
