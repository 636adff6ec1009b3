"""The patients: drawn from the seed, with what the lesson relies on in every one of them."""

from __future__ import annotations

import pytest

from course_support.backends.patients import SEVERITIES, Allergy, Register


@pytest.mark.parametrize("seed", [0, 1, 2, 10**9])
def test_what_holds_for_every_seed(seed: int) -> None:
    register = Register(seed)
    patients = register.all()
    numbers = [patient.number for patient in patients]
    assert len(patients) > 20
    assert numbers == sorted(set(numbers))
    assert all(10_000 <= number <= 99_999 for number in numbers)
    assert len({(patient.given, patient.family) for patient in patients}) == len(patients)
    known = register.get(12345)
    assert known
    assert known.allergies
    assert [medication.end is None for medication in known.medications[:2]] == [False, True]
    assert {allergy.severity for patient in patients for allergy in patient.allergies} <= set(SEVERITIES)
    ended = [it for patient in patients for it in patient.medications if it.end]
    assert all(it.end and it.start < it.end for it in ended)


def test_the_same_seed_gives_the_same_patients() -> None:
    assert Register(7).all() == Register(7).all() != Register(8).all()


def test_an_allergy_is_added_each_time() -> None:
    register, other = Register(1), Register(1)
    dust = Allergy("Dust", "mild")
    before = len(register.get(12345).allergies)  # type: ignore[union-attr]
    for count in (1, 2):
        patient = register.add_allergy(12345, dust)
        assert patient == register.get(12345)
        assert patient
        assert len(patient.allergies) == before + count
        assert patient.allergies[-1] == dust
    assert other.get(12345) != register.get(12345)


def test_nobody_has_no_number() -> None:
    register = Register(1)
    assert register.get(0) is None
    assert register.add_allergy(99_999, Allergy("Dust", "mild")) is register.get(99_999)


def test_the_record_for_json() -> None:
    patient = Register(1).get(12345)
    assert patient
    brief, full = patient.representation(False), patient.representation(True)
    assert full == brief | {"medications": full["medications"]}
    assert list(brief) == ["patientId", "name", "dateOfBirth", "allergies"]
    assert brief["name"] == {"given": patient.given, "family": patient.family}
    assert ["until" in it for it in full["medications"]] == [it.end is not None for it in patient.medications]
