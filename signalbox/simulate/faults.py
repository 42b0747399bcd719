"""The fault plan: how many faults of each code, how large, and who is struck.

Belongs here: reading the catalogue of faults and choosing victims. Not here: what a fault does to the world
(``inject_*``). Choosing draws from streams of its own, so that the world is otherwise the same with and without faults.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from signalbox.errors import UsageError
from signalbox.simulate.rand import stream
from signalbox.simulate.scales import Scale

# code: faults for each 15,000 orders beyond the three that every run has, and the size of one (what is sized depends
# on the code)
DEFAULT = {
    "E01": (1.0, 1), "E02": (1.0, 1), "E03": (1.0, 1), "E04": (1.5, 1), "E05": (1.0, 1), "E07a": (1.0, 6),
    "E07b": (0.8, 5), "E08a": (1.0, 1), "E10": (1.0, 1), "E12": (3.0, 1), "E13": (1.0, 1), "E15": (1.0, 1),
    "E17a": (2.0, 1), "E17b": (1.5, 1), "E19b": (0.6, 3), "E22a": (1.5, 1), "E22b": (1.5, 1), "E23": (1.0, 1),
    "E24": (2.0, 1), "E25": (1.0, 1), "E26": (1.5, 1), "E27": (1.5, 1), "E28": (1.0, 1), "E29": (1.0, 40),
    "E30": (1.5, 1), "E32": (1.0, 1), "E33": (1.2, 1), "E34": (1.0, 1), "E35": (0.8, 1), "E38": (0.4, 1),
    "E40": (0.8, 1), "E41a": (0.3, 1), "E41b": (0.3, 1), "E41c": (0.3, 1), "E41d": (0.3, 1), "E42": (0.6, 1),
    "E44a": (0.3, 1), "E47a": (0.6, 1), "E47b": (0.6, 1), "E47c": (0.6, 1), "E48": (1.0, 1), "E49": (1.0, 1),
    "E52a": (1.0, 1), "E52b": (1.0, 1), "E52c": (1.0, 1), "E53": (1.0, 1), "E55a": (1.2, 1), "E55b": (0.8, 1),
    "E55c": (0.1, 1), "E56": (0.2, 1), "E57": (1.0, 1), "E58": (0.2, 1), "E59c": (0.1, 1), "E60b": (0.4, 1),
    "E60c": (0.4, 1), "E61a": (1.2, 1), "E61c": (0.5, 1), "E62a": (1.0, 1), "E62b": (1.0, 1), "E62c": (1.0, 1),
    "E62d": (0.3, 1), "E64a": (1.0, 1), "E64b": (0.4, 1), "E65a": (0.6, 5), "E65b": (1.5, 1), "E65c": (1.0, 1),
    "E65d": (0.6, 1), "E65e": (0.3, 1), "E65f": (0.6, 75), "E65g": (0.4, 3), "E65h": (0.5, 1), "E66a": (0.4, 1),
    "E66b": (0.2, 1), "E66c": (0.3, 1), "E66d": (0.3, 1), "E66g": (0.3, 1), "E66i": (0.3, 1), "E66k": (0.4, 2),
}  # fmt: skip

# What only a calm world can show, since an ordinary one has it of its own and keeps no truth of it. code: faults in
# the whole run and the size of one
CALM: dict[str, tuple[int, int]] = {
    "E06": (4, 1), "E08b": (3, 1), "E09": (3, 1), "E11": (4, 1), "E14": (4, 1), "E16": (4, 1), "E18": (2, 1),
    "E19a": (3, 1), "E20": (4, 1), "E21": (4, 1), "E31": (5, 1), "E36a": (3, 1), "E36b": (4, 1), "E36c": (4, 1),
    "E37a": (4, 1), "E37b": (3, 1), "E39": (4, 1), "E43": (4, 1), "E44b": (4, 1), "E45": (3, 1), "E46": (3, 1),
    "E50": (4, 1), "E51": (4, 1), "E54": (2, 1), "E59a": (2, 1), "E59b": (4, 1), "E60a": (3, 1), "E61b": (3, 1),
    "E63": (4, 1), "E65i": (3, 150), "E66e": (3, 1), "E66f": (3, 1), "E66h": (4, 1), "E66j": (4, 1),
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Faults by code: how many over the whole run and how large; near misses are half as many."""

    seed: int
    days: int
    count: dict[str, int]
    size: dict[str, int]

    def due(self, code: str, first: int, end: int, near: bool = False) -> int:
        """How many faults (or near misses) of ``code`` belong to the days ``first``..``end - 1``."""
        total = self.count.get(code, 0)
        if near:
            total = -(-total // 2)
        offset = (sum(code.encode()) % 10) / 10
        return int(total * end / self.days + offset) - int(total * first / self.days + offset)

    def stream(self, code: str, first: int, what: str = "") -> np.random.Generator:
        return stream(self.seed, "faults", code, first, what)

    def pick(self, code: str, first: int, end: int, candidates: np.ndarray, near: bool = False) -> np.ndarray:
        """Indexes of the victims among ``candidates``, in their order; fewer where there are not enough."""
        count = min(self.due(code, first, end, near), candidates.size)
        rng = self.stream(code, first, "near" if near else "victims")
        return np.sort(rng.choice(candidates, count, replace=False)) if count else candidates[:0]

    def minutes(self, code: str, first: int, n: int, low: float, high: float, what: str = "size") -> np.ndarray:
        """``n`` draws in seconds between two limits in minutes."""
        return self.stream(code, first, what).integers(int(low * 60), int(high * 60) + 1, n)

    def size_of(self, code: str) -> int:
        return self.size.get(code, (DEFAULT | CALM)[code][1])


def plan(spec: str | Path, scale: Scale, seed: int) -> Plan:
    """The plan named ``none`` or ``default``, or that of a YAML or JSON file: a list of {code, count, size}.

    The default of a calm world is what only such a world can show.

    Errors: UsageError when the file is missing, not such a list, or names an unknown code.
    """
    if str(spec) == "none":
        return Plan(seed, scale.days, {}, {})
    if str(spec) == "default" and scale.is_calm:
        return Plan(seed, scale.days, {code: count for code, (count, _) in CALM.items()}, {})
    if str(spec) == "default":
        count = {code: 3 + round(rate * scale.orders / 15_000) for code, (rate, _) in DEFAULT.items()}
        return Plan(seed, scale.days, count, {})
    rows = _read(Path(spec))
    known = DEFAULT | CALM
    unknown = sorted({str(row["code"]) for row in rows} - known.keys())
    if unknown:
        raise UsageError(f"{spec}: no faults are known for {', '.join(unknown)}; choose from {', '.join(known)}")
    return Plan(
        seed, scale.days, {row["code"]: int(row.get("count", 1)) for row in rows},
        {row["code"]: int(row["size"]) for row in rows if row.get("size") is not None},
    )  # fmt: skip


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"--faults {path}: no such file; say none, default or the path of a YAML or JSON list"
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"--faults {path}: {' '.join(str(error).split())}") from None
    if not isinstance(rows, list) or not all(isinstance(r, dict) and "code" in r for r in rows):
        raise UsageError(f"--faults {path}: expected a list of objects with code, count and size")
    for row in rows:
        for name in ("count", "size"):
            if row.get(name) is not None and (not isinstance(row[name], int) or row[name] < 0):
                raise UsageError(f"--faults {path}: {row['code']}: {name} must be a whole number, not {row[name]!r}")
    return rows
