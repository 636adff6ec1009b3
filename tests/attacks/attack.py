"""What an entry of the attack suite is: an answer to tiny.shout that goes after its two points by other means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent, indent

NAMES = ("double", "shout", "fetch", "again")
ALL = frozenset(NAMES) - {"shout"}
LOST = r"^lost: "
NOTHING = r"^wrong: The value is not right. nothing$"
WRONG = r"^wrong: "
STOPPED = r"^lost: It (ended the kernel|did not end in time|printed more)"


@dataclass(frozen=True)
class Attack:
    """One answer cell.

    `source` may name places of the machine under attack in double angle brackets; see `Grounds.places`. `meets` is a
    pattern of what is said of it, so that an attack that never ran is noticed. `costs` are the other exercises of the
    same sheet that it may spoil: whoever wrecks their own sheet has harmed nobody else.
    """

    name: str
    kind: str
    source: str
    meets: str
    costs: frozenset[str] = frozenset()

    def filled(self, places: dict[str, str]) -> str:
        """The cell for one machine; KeyError for a place that does not exist."""
        return re.sub(r"<<(\w+)>>", lambda found: places[found[1]], self.source)


def attack(kind: str, name: str, source: str, meets: str = WRONG, costs: frozenset[str] = frozenset()) -> Attack:
    """An attack by a cell as it stands."""
    return Attack(name, kind, dedent(source).strip() + "\n", meets, costs)


def spy(kind: str, name: str, body: str, meets: str = NOTHING, costs: frozenset[str] = frozenset()) -> Attack:
    """An attack that looks for something: `body` fills the list `found`, and what it holds is the answer."""
    source = (
        "def shout(text):\n    found = []\n    try:\n"
        + indent(dedent(body).strip(), " " * 8)
        + "\n    except BaseException as error:\n        found.append(repr(error))\n"
        + "    return 'found ' + ' | '.join(map(str, found))[:350] if found else 'nothing'\n"
    )
    return Attack(name, kind, source, meets, costs)
