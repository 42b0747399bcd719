"""Faults of deliveries: files that do not come or come late, rows that break their contract, codes that nobody knows.

Belongs here: E65g, E65h, E66k. Not here: faults of what the files tell. They are planned before the run and act when
a file is written. What is lost with a missing file is kept to entities on which no other control rests.
"""

from __future__ import annotations

import json

import numpy as np
import polars as pl

from signalbox.simulate.clock import Clock
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.layout import layouts
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth
from signalbox.simulate.writer import Writer

DISPENSABLE = ("wms_task", "customer_case", "supplier_invoice_line", "asn_line", "discount_allocation")
DELAYED = (
    "order_event", "integration_message", "shipment_event", "pos_transaction_line", "inventory_movement",
    "sales_order", "refund",
    "inventory_snapshot", "receipt_line", "pickup_task", "payment", "pos_transaction",
)  # fmt: skip
# entity, rule and how a copied row is broken: (field, new text) or a special word
BREAKS = (
    ("pos_transaction_line", "type", ("gross_amount", "n/a")), ("customer_case", "broken_json", "cut"),
    ("inventory_movement", "column_count", "extra"), ("order_event", "required", ("event_ts", None)),
    ("customer_document_line", "bad_date", ("issued_ts", "2026-02-31 25:00:00")),
    ("pos_tender", "type", ("amount", "12.5O")),
    ("tax_line", "type", ("tax_amount", "nineteen")), ("transfer_line", "required", ("ordered_qty", None)),
    ("integration_message", "broken_json", "cut"), ("return_line", "bad_date", ("initiated_ts", "2026-13-01 10:00:00")),
    ("pos_transaction", "encoding", "bytes"), ("promise", "required", ("promise_latest_ts", None)),
)  # fmt: skip
CODES = (  # entity, column, code, closed list
    ("order_event", "event_type", "paused", True), ("return_line", "reason_code", "bracketing", False),
    ("customer_case", "theme_code", "recall", False), ("pos_transaction", "transaction_type", "training", True),
    ("pos_tender", "tender_type", "crypto", False), ("payment", "status_code", "disputed", True),
    ("reservation", "reservation_type", "basket", True), ("payment", "tender_type", "instalment", False),
    ("transfer_line", "status_code", "lost", True), ("inventory_movement", "reason_code", "recount_2", False),
    ("fulfilment_line", "status_code", "parked", True), ("customer_document_line", "document_type", "proforma", True),
)  # fmt: skip


def plan_files(plan: Plan, writer: Writer) -> None:
    """Set what the writer does to files; the truth follows in ``files_truth`` when all is written."""
    taken: set[tuple[str, int]] = set()
    _plan_absence(plan, writer, taken)
    _plan_rows(plan, writer, taken)


def _plan_absence(plan: Plan, writer: Writer, taken: set[tuple[str, int]]) -> None:
    rng, count = plan.stream("E65h", 0, "files"), plan.count.get("E65h", 0)
    for k in range(count + -(-count // 2)):
        missing, near = k % 3 == 0 and k < count, k >= count
        slot = _slot(rng, DISPENSABLE if missing else DELAYED, writer.clock, taken)
        if slot is None:
            continue
        if missing:
            writer.absent.add(slot)
            continue
        minutes = -int(rng.integers(2, 40)) if near else int(rng.integers(5, 1200))
        writer.late[slot] = _due(writer.clock, *slot) + layouts()[slot[0]].grace_seconds + 60 * minutes


def _due(clock: Clock, name: str, day: int) -> int:
    return int(clock.utc(np.array([day + 1]), np.array([layouts()[name].due_seconds]))[0])


def _slot(
    rng: np.random.Generator, names: tuple[str, ...], clock: Clock, taken: set[tuple[str, int]]
) -> tuple[str, int] | None:
    """An entity and a weekday that no other file fault has, neither first nor last; None where a period has no room."""
    for _ in range(100):
        name, day = names[int(rng.integers(len(names)))], int(rng.integers(2, clock.days - 3))
        if all((name, d) not in taken for d in (day - 1, day, day + 1)) and clock.weekday(np.array([day]))[0] < 6:
            taken.add((name, day))
            return name, day
    return None


def _plan_rows(plan: Plan, writer: Writer, taken: set[tuple[str, int]]) -> None:
    rng, count = plan.stream("E65g", 0, "rows"), plan.count.get("E65g", 0)
    for k in range(count):
        name, rule, how = BREAKS[k % len(BREAKS)]
        if slot := _slot(rng, (name,), writer.clock, taken):
            size = plan.size_of("E65g")
            writer.tamper[slot] = BrokenRows(f"E65g:{rule}", layouts()[name].extension, how, size)
    for _ in range(-(-count // 2)):
        if slot := _slot(rng, ("payment", "refund"), writer.clock, taken):
            writer.tamper[slot] = NewColumn()
    rng = plan.stream("E66k", 0, "rows")
    for k in range(plan.count.get("E66k", 0)):
        name, column, text, closed = CODES[k % len(CODES)]
        text += "" if k < len(CODES) else f"_{k // len(CODES) + 1}"
        if slot := _slot(rng, (name,), writer.clock, taken):
            extension, size = layouts()[name].extension, plan.size_of("E66k")
            writer.tamper[slot] = UnknownCode(extension, column, text, closed, size)


def files_truth(plan: Plan, truth: Truth, writer: Writer) -> None:
    """Truth about deliveries, from what the writer was told to do."""
    clock = writer.clock
    for name, day in sorted(writer.absent):
        deadline = _due(clock, name, day) + layouts()[name].grace_seconds
        _row(truth, "E65h", f"{name}|{clock.date(day)}", INJECTED, deadline, NEVER, "delivery missing")
    for (name, day), when in sorted(writer.late.items()):
        deadline = _due(clock, name, day) + layouts()[name].grace_seconds
        is_late = when > deadline
        text = "delivery late" if is_late else "delivery within its grace"
        _row(
            truth,
            "E65h",
            f"{name}|{clock.date(day)}",
            INJECTED if is_late else NEAR_MISS,
            deadline,
            when if is_late else deadline,
            text,
        )
    for (name, day), how in sorted(writer.tamper.items(), key=lambda item: item[0]):
        came = int(writer.arrivals(name)[day])
        if isinstance(how, NewColumn):
            _row(truth, "E65g", f"{name}|new_column", NEAR_MISS, came, came, "a new column is kept and reported")
        elif isinstance(how, BrokenRows | UnknownCode) and how.acted:
            which, rest = how.label.split(":", 1)
            text = "rows that break the contract" if which == "E65g" else "a code without mapping"
            _row(truth, which, f"{name}|{rest}", INJECTED, came, NEVER, text)


def _row(truth: Truth, which: str, key: str, kind: int, opened: int, closed: int, text: str) -> None:
    truth.add(which, pl.Series([key]), kind, np.array([opened]), np.array([closed]), text, known=np.array([opened]))


class NewColumn:
    """Adds a column that the contract does not know to every JSON line."""

    def __call__(self, data: bytes) -> bytes:
        return b"".join(b'{"sender_note":"v2",' + line[1:] for line in data.splitlines(keepends=True))


class _Rows:
    """Common to what changes single rows of a text file: the rows as bytes, and their fields."""

    def __init__(self, label: str, extension: str, rows: int) -> None:
        self.label, self.rows, self.is_json, self.acted = label, rows, extension == "jsonl", False

    def split(self, data: bytes) -> tuple[list[bytes], list[bytes]]:
        """Header fields (none in JSON) and rows."""
        lines = data.splitlines(keepends=True)
        return ([], lines) if self.is_json else (lines[0].rstrip().split(b","), lines[1:])

    def change(self, row: bytes, header: list[bytes], field: str, value: str | None) -> bytes:
        """The row with another value in a field."""
        if self.is_json:
            return json.dumps(json.loads(row) | {field: value}, separators=(",", ":")).encode() + b"\n"
        cells = row.rstrip(b"\n").split(b",")
        cells[header.index(field.encode())] = (value or "").encode()
        return b",".join(cells) + b"\n"

    def value(self, row: bytes, header: list[bytes], field: str) -> object:
        if self.is_json:
            return json.loads(row).get(field)
        return row.rstrip(b"\n").split(b",")[header.index(field.encode())]


class BrokenRows(_Rows):
    """Adds copies of rows that break their contract in one way."""

    def __init__(self, label: str, extension: str, how: tuple[str, str | None] | str, rows: int) -> None:
        super().__init__(label, extension, rows)
        self.how = how

    def __call__(self, data: bytes) -> bytes:
        header, rows = self.split(data)
        if not rows:
            return data
        self.acted = True
        return data + b"".join(self._broken(rows[37 * k % len(rows)], header) for k in range(self.rows))

    def _broken(self, row: bytes, header: list[bytes]) -> bytes:
        if self.how == "cut":
            return row[: len(row) // 2] + b"\n"
        if self.how == "extra":
            return row.rstrip(b"\n") + b",surplus\n"
        if self.how == "bytes":
            cells = row.split(b",")
            return b",".join([*cells[:2], b"\xff\xfe" + cells[2], *cells[3:]])
        field, value = self.how[0], self.how[1]
        return self.change(row, header, str(field), value)


class UnknownCode(_Rows):
    """Writes a code that no contract knows:

    in further rows where the list is closed, else into rows that carry another.
    """

    def __init__(self, extension: str, column: str, text: str, is_closed: bool, rows: int) -> None:
        super().__init__(f"E66k:{column}|{text}", extension, rows)
        self.column, self.text, self.is_closed = column, text, is_closed

    def __call__(self, data: bytes) -> bytes:
        header, rows = self.split(data)
        fit = [k for k, row in enumerate(rows) if self.value(row, header, self.column)][: self.rows]
        self.acted = bool(fit)
        changed = [self.change(rows[k], header, self.column, self.text) for k in fit]
        if self.is_closed:
            return data + b"".join(changed)
        for k, row in zip(fit, changed, strict=True):
            rows[k] = row
        return (b"" if self.is_json else data.splitlines(keepends=True)[0]) + b"".join(rows)
