"""The patients of the SOAP lesson: what the hospital knows of them, apart from how a message says it."""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from course_support.backends.clock import START

GIVEN = ["Amara", "Björn", "Chidi", "Dilnaz", "Elif", "Farid", "Greta", "Hana", "Ivo", "Jun", "Kirra", "Liam", "Noor"]
FAMILY = ["Abreu", "Bianchi", "Costa", "Dvořák", "Eriksen", "Fofanah", "Gupta", "Haddad", "Ito", "Jansen", "Kaya"]
SUBSTANCES = [
    "Penicillin",
    "Latex",
    "Peanut",
    "Birch pollen",
    "Ibuprofen",
    "Shellfish",
    "Nickel",
    "Bee venom",
    "Iodine",
]
SEVERITIES = ["mild", "moderate", "severe"]
DRUGS = {
    "Amoxicillin": ("mg", ["250", "500"]),
    "Bisoprolol": ("mg", ["1.25", "2.5", "5"]),
    "Enoxaparin": ("IU", ["4000", "6000"]),
    "Levothyroxine": ("µg", ["25", "50", "112.5"]),
    "Metformin": ("mg", ["500", "850", "1000"]),
    "Ramipril": ("mg", ["1.25", "2.5", "5"]),
    "Salbutamol": ("µg", ["100", "200"]),
    "Simvastatin": ("mg", ["10", "20", "40"]),
}
OTHERS = 30  # patients besides 12345


@dataclass(frozen=True)
class Allergy:
    substance: str  # 1 to 60 characters
    severity: str  # mild, moderate or severe


@dataclass(frozen=True)
class Medication:
    name: str
    dose: Decimal
    unit: str
    start: date
    end: date | None  # None: it goes on


@dataclass(frozen=True)
class Patient:
    number: int  # five digits
    given: str
    family: str
    born: date
    allergies: tuple[Allergy, ...]
    medications: tuple[Medication, ...]

    def representation(self, medications: bool) -> dict[str, Any]:
        """The record for JSON: what the XML one says, under the names that JSON would use."""
        record: dict[str, Any] = {
            "patientId": self.number,
            "name": {"given": self.given, "family": self.family},
            "dateOfBirth": self.born.isoformat(),
            "allergies": [{"substance": it.substance, "severity": it.severity} for it in self.allergies],
        }
        return record | ({"medications": list(map(_medication, self.medications))} if medications else {})


def _medication(it: Medication) -> dict[str, Any]:
    until = {"until": it.end.isoformat()} if it.end else {}
    return {"name": it.name, "dose": float(it.dose), "unit": it.unit, "from": it.start.isoformat()} | until


class Register:
    """The patients by number. Drawn from the seed; 12345 is always there, with an allergy and two medications."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(f"patients {seed}")
        numbers = sorted([12345, *draw.sample([*range(10_000, 12_345), *range(12_346, 100_000)], OTHERS)])
        names = draw.sample([(given, family) for given in GIVEN for family in FAMILY], len(numbers))
        pairs = zip(numbers, names, strict=True)
        self._patients = {number: _drawn(draw, number, *name, known=number == 12345) for number, name in pairs}

    def all(self) -> list[Patient]:
        """Every patient as of now, in the order of their numbers."""
        return list(self._patients.values())

    def get(self, number: int) -> Patient | None:
        return self._patients.get(number)

    def add_allergy(self, number: int, allergy: Allergy) -> Patient | None:
        """The patient with one more allergy, even if it is one that was known: calling twice is not calling once."""
        if patient := self.get(number):
            self._patients[number] = replace(patient, allergies=(*patient.allergies, allergy))
        return self.get(number)


def _drawn(draw: random.Random, number: int, given: str, family: str, known: bool) -> Patient:
    substances = draw.sample(SUBSTANCES, draw.randint(1 if known else 0, 3))
    drugs = draw.sample(sorted(DRUGS), draw.randint(2 if known else 0, 4))
    return Patient(
        number,
        given,
        family,
        born=START.date() - timedelta(days=draw.randrange(18 * 365, 95 * 365)),
        allergies=tuple(Allergy(substance, draw.choice(SEVERITIES)) for substance in substances),
        # every second one has ended: a reader of the record must tell the two apart
        medications=tuple(_prescribed(draw, drug, ended=place % 2 == 0) for place, drug in enumerate(drugs)),
    )


def _prescribed(draw: random.Random, drug: str, ended: bool) -> Medication:
    unit, doses = DRUGS[drug]
    start = START.date() - timedelta(days=draw.randrange(100, 1500))
    end = start + timedelta(days=draw.randrange(7, 90)) if ended else None
    return Medication(drug, Decimal(draw.choice(doses)), unit, start, end)
