"""Exercises that send an envelope somebody else has written: one in shorthand, and one that has waited too long."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from course_support.backends.wsse import WINDOW, moment_text
from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.rules import of_type, sent_nothing
from course_support.exercises.soap.calling import CALLED, service
from course_support.exercises.soap.messages import (
    calls,
    envelope,
    fault,
    fault_left,
    good_call,
    no_call,
    not_answered,
    other_patient,
    parsed,
    request,
    texts,
    token,
)
from course_support.exercises.soap.security import SECURITY, diagnosis
from course_support.verdict import Verdict, value_text, wrong

SHORTHAND = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
  <soap:Header>
    <Security>
      <UsernameToken>
        <Username>{username}</Username>
        <Password>{password}</Password>
      </UsernameToken>
    </Security>
  </soap:Header>
  <soap:Body>
    <GetPatientRecord>
      <PatientID>{patient}</PatientID>
      <IncludeMedications>{medications}</IncludeMedications>
    </GetPatientRecord>
  </soap:Body>
</soap:Envelope>
"""

# --- repair_envelope -------------------------------------------------------------------------------------------------


def _shorthand_scenes(draw: random.Random) -> list[Scene]:
    return [_shorthand_scene(draw, medications) for medications in ("true", "false")]


def _shorthand_scene(draw: random.Random, medications: str) -> Scene:
    backend, arguments = service(draw)
    patient = draw.choice(backend.state.patients.all())
    text = SHORTHAND.format(**arguments, patient=patient.number, medications=medications)
    return Scene(
        backend, {"url": arguments["url"], "envelope": text}, {"patient": patient.number, "family": patient.family}
    )


def _judge_repair(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        no_call,
        _as_it_was,
        *CALLED,
        other_patient,
        of_type(str, 'a family name, such as "Costa"'),
        _other_family,
    )


def _as_it_was(evidence: Evidence) -> Verdict | None:
    last = calls(evidence)[-1]
    refusal = fault(last)
    if not refusal or last.request.body.strip() != evidence.arguments["envelope"].strip().encode():
        return None
    return wrong(
        "You sent the shorthand as it is, and the service refused it.",
        last,
        expected="each element in the namespace that the contract gives it",
        seen=f"{len(refusal.findings)} findings, the first: {(refusal.findings or ('none',))[0]}",
        next_step='The fault names each element and its namespace: declare it with `xmlns="…"` on Security, and on '
        "GetPatientRecord; elements inside inherit it.",
    )


def _other_family(evidence: Evidence) -> Verdict | None:
    family, value = evidence.expected["family"], evidence.value
    if value == family:
        return None
    what = "the whole answer" if "Envelope" in value else "not the patient's family name"
    return wrong(
        f"The service gave the record, and what you returned is {what}.",
        good_call(evidence),
        expected=value_text(family),
        seen=value_text(value),
        next_step='With lxml, `etree.fromstring(response.content).findtext(".//{*}Family")` finds it in any namespace.',
    )


REPAIR_ENVELOPE = Exercise(
    "soap.repair_envelope",
    "Repair an envelope",
    2,
    (
        "Send it as it is and read the fault: it lists which element belongs to which namespace. Two `xmlns` are "
        "enough, "
        "because elements inside inherit a default namespace.",
        '`.replace("<Security>", f\'<Security xmlns="{WSSE}">\')`, where WSSE is the namespace that the fault names, '
        "the same for `<GetPatientRecord>` with the service's namespace, and a POST of the text with "
        "`Content-Type: text/xml; charset=utf-8` and `SOAPAction`.",
    ),
    _shorthand_scenes,
    _judge_repair,
)

# --- resign ----------------------------------------------------------------------------------------------------------


def _queue_scenes(draw: random.Random) -> list[Scene]:
    return [_queue_scene(draw, case) for case in draw.sample(["used", "stale"], 2)]


def _queue_scene(draw: random.Random, case: str) -> Scene:
    backend, arguments = service(draw)
    patient = draw.choice(backend.state.patients.all())
    age = timedelta(minutes=draw.randint(10, 90)) if case == "stale" else timedelta(seconds=20)
    created = moment_text(datetime.now(UTC) - age)
    nonce = draw.randbytes(16)
    username, password = arguments["username"], arguments["password"]
    if case == "used":
        now = datetime.now(UTC)
        backend.state.nonces.spend(username, nonce, now + WINDOW, now)
    medications = draw.choice([True, False])
    waiting = envelope(request(patient.number, medications), token(username, password, nonce, created)).decode()
    _, _, waiting = waiting.partition("\n")  # lxml refuses a text, as against bytes, that declares an encoding
    expected = {"patient": patient.number, "family": patient.family, "case": case, "medications": medications}
    return Scene(backend, arguments | {"envelope": waiting}, expected)


def _judge_queue(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        no_call,
        _still_refused,
        fault_left,
        not_answered,
        other_patient,
        _in_clear,
        _other_body,
        of_type(str, 'a family name, such as "Costa"'),
        _other_family,
    )


def _other_body(evidence: Evidence) -> Verdict | None:
    call = good_call(evidence)
    asked = texts(parsed(call.request.body), "IncludeMedications") if call else []
    with_medications = any(text.strip() in ("true", "1") for text in asked)
    if with_medications is evidence.expected["medications"]:
        return None
    return wrong(
        "You sent a token that is good, with another Body than the one that was waiting.",
        call,
        expected=f"IncludeMedications {str(evidence.expected['medications']).lower()}, as it was",
        seen=f"IncludeMedications {asked[0].strip()}" if asked else "no IncludeMedications, which means false",
        next_step="Change the Header only: parse the envelope, set the three texts of its token, and send the rest "
        "as it is.",
    )


def _still_refused(evidence: Evidence) -> Verdict | None:
    last = calls(evidence)[-1]
    refusal = fault(last)
    if good_call(evidence) or not refusal or refusal.code not in SECURITY:
        return None
    old, new = (_parts(body) for body in (evidence.arguments["envelope"].encode(), last.request.body))
    kept = [name for name in ("Nonce", "Created", "Password") if new.get(name) == old.get(name)]
    if len(kept) == 3:
        cause = "You sent the token as it was, and the service refused it."
        step = "A token with a digest is good for one message, and not for long. Make a new one for the same Body."
    elif "Nonce" in kept and refusal.code == "InvalidSecurityToken":
        cause = "Your token has the nonce of the old one, which the service has seen before."
        step = "Draw a new nonce, for example with `secrets.token_bytes(16)`, and compute the digest with it."
    elif "Created" in kept and refusal.code == "MessageExpired":
        cause = "Your token says that it was made when the old one was."
        step = "Put the present time, in UTC, into Created, and compute the digest with it."
    elif "Password" in kept and refusal.code == "FailedAuthentication":
        cause = "Your token is a new one with the digest of the old one."
        step = "The digest covers nonce, time and password: compute it again."
    else:
        cause, step = diagnosis(refusal, last, evidence.arguments)
    return wrong(cause, last, expected="a token that the service takes", seen=refusal.text, next_step=step)


def _parts(body: bytes) -> dict[str, str]:
    root = parsed(body)
    return {name: text for name in ("Nonce", "Created", "Password") for text in texts(root, name)[:1]}


def _in_clear(evidence: Evidence) -> Verdict | None:
    open_call = next((e for e in calls(evidence) if evidence.arguments["password"].encode() in e.request.body), None)
    if not open_call:
        return None
    return wrong(
        "The service took the call, and the password went over the wire in clear.",
        open_call,
        expected="a digest, as the waiting envelope had one",
        seen="the password itself (the dots below stand for it)",
        next_step="Compute the digest as in the exercise before, and say that it is one in the Type of Password.",
    )


RESIGN = Exercise(
    "soap.resign",
    "Send what has waited too long",
    3,
    (
        "Send the envelope as it is first, and read the fault. What of the token depends on the message, and what on "
        "the time?",
        "Parse it with lxml, set the text of Nonce, Created and Password anew (`secrets.token_bytes(16)`, "
        "`datetime.now(UTC)`, your `digest`), and POST `etree.tostring(root)`.",
    ),
    _queue_scenes,
    _judge_queue,
)
