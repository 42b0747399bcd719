"""What a run of pytest gave (JUnit XML), and how it is kept: each test's outcome, and what it records about itself.

Not here: what it proves (``proof_report``), running tests (``prove``).
"""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

_STATISTICS = "hypothesis-statistics-"
_EXAMPLES = re.compile(r"(\d+) passing\b")


@dataclass(frozen=True)
class Case:
    """One test as it ran. ``name``: module and function with its parameters; ``outcome``: passed, failed or skipped."""

    name: str
    outcome: str
    seconds: float
    reason: str = ""
    recorded: tuple[tuple[str, int], ...] = ()


@dataclass
class Group:
    """What one run of pytest gave. ``trouble``: why it ended without results; ``examples``: by property.

    ``of``: code and day.
    """

    title: str
    seconds: float = 0.0
    of: str = ""
    cases: list[Case] = field(default_factory=list)
    examples: dict[str, int] = field(default_factory=dict)
    trouble: str = ""

    @property
    def is_good(self) -> bool:
        return not self.trouble and all(case.outcome != "failed" for case in self.cases)

    def to_json(self) -> str:
        """A line for each case, so that versions can be compared."""
        told = {"title": self.title, "of": self.of, "seconds": round(self.seconds, 1), "trouble": self.trouble}
        head = json.dumps(told | {"examples": self.examples}, indent=1).removesuffix("\n}")
        lines = (json.dumps([c.name, c.outcome, c.seconds, c.reason, c.recorded]) for c in self.cases)
        return f'{head},\n "cases": [\n' + ",\n".join(lines) + "\n]\n}\n"

    @classmethod
    def from_json(cls, text: str) -> Group:
        told = json.loads(text)
        rows = ((*row, tuple((name, number) for name, number in recorded)) for *row, recorded in told.pop("cases"))
        return cls(**told, cases=[Case(*row) for row in rows])


def read_group(title: str, seconds: float, report: Path, status: int) -> Group:
    """The results of one run; a run that left none is a group with trouble."""
    try:
        root = ElementTree.parse(report).getroot()
    except (FileNotFoundError, ElementTree.ParseError):
        return Group(title, seconds, trouble=f"pytest ended with status {status} before it wrote its results")
    group = Group(title, seconds, cases=[_case(found) for found in root.iter("testcase")])
    for found in root.iterfind("testsuite/properties/property"):
        name = found.get("name", "")
        if name.startswith(_STATISTICS):
            text = base64.b64decode(found.get("value", "")).decode()
            group.examples[name.removeprefix(_STATISTICS)] = sum(map(int, _EXAMPLES.findall(text)))
    if status not in (0, 1, 5):  # all passed, some failed, none there
        group.trouble = f"pytest ended with status {status}"
    return group


def _case(found: ElementTree.Element) -> Case:
    outcome, reason = "passed", ""
    for child in found:
        if child.tag in ("failure", "error"):
            outcome = "failed"
        elif child.tag == "skipped" and outcome == "passed":
            outcome, reason = "skipped", child.get("message", "")
    noted = [(each.get("name", ""), each.get("value", "")) for each in found.iterfind("properties/property")]
    recorded = [(name, int(value)) for name, value in noted if value.isdecimal()]
    name = f"{found.get('classname')}.{found.get('name')}"
    return Case(name, outcome, float(found.get("time", 0)), reason, tuple(recorded))
