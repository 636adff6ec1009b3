"""All attacks, as sheets beside honest answers."""

from __future__ import annotations

from collections.abc import Iterator

from tests.attacks import exhausting, forging, lasting, messages, reaching, reading, tampering, telling
from tests.attacks.attack import Attack

MODULES = (tampering, forging, messages, reading, lasting, reaching, exhausting, telling)
ATTACKS: dict[str, Attack] = {found.name: found for module in MODULES for found in module.ATTACKS}
HONEST = "def shout(text):\n    return text.upper()  # number {}"
IDLE = "def shout(text):\n    raise NotImplementedError  # number {}"


def sheets(names: list[str] | None = None) -> Iterator[tuple[str, str]]:
    """Names and answers to tiny.shout: attacks (these, or of these kinds, or all), honest answers and stubs."""
    for number, attack in enumerate(ATTACKS.values()):
        if names and attack.name not in names and attack.kind not in names:
            continue
        yield attack.name, attack.source
        if attack.kind in ("writing", "for the next kernel", "left behind") or number % 6 == 0:
            yield f"honest {number}", HONEST.format(number)
        if attack.kind == "for the next kernel":
            yield f"idle {number}", IDLE.format(number)
