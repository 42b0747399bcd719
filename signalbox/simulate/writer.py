"""Frames to daily extract files.

Belongs here: what is delivered on which day, the text of identifiers and amounts, file names and compression. Not
here: what the rows mean. Frames arrive compact (numbers of orders, indexes of items, seconds, cents) and are only
spelled out when a day is written; rows of days to come wait here between the time slices of a run. Days are written in
the background while the next slice is simulated; what is written does not depend on how far either is.
"""

from __future__ import annotations

import io
import zlib
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from signalbox.simulate.clock import Clock
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.layout import Layout, layouts
from signalbox.simulate.rand import stream

PREFIXES = {
    "order_id": "O", "original_order_id": "O", "shipment_id": "SH", "parcel_id": "PC", "transaction_id": "T",
    "return_id": "R",
    "refund_id": "RF", "payment_id": "PY", "fulfilment_line_id": "FL", "attempt_id": "AT", "task_id": "TK",
    "event_id": "EV",
    "movement_id": "MV", "message_id": "MSG", "reservation_id": "RS", "transfer_id": "TR", "po_id": "PO",
    "receipt_id": "GR",
    "asn_id": "ASN", "invoice_id": "SI", "document_id": "D", "discount_id": "DC", "posting_id": "GL",
    "deposit_id": "DEP",
    "case_id": "CS", "customer_id": "c", "hold_id": "HO", "count_id": "CT", "check_id": "VC", "claim_id": "CL",
    "gift_card_transaction_id": "GC", "loyalty_event_id": "LY", "work_id": "WK", "proposal_id": "RP",
    "request_id": "AP", "price_id": "PR",
}  # fmt: skip
_PERSONAL = {"customer_id": (7, "@mail.example"), "ship_to_postcode": (5, "")}
_SCALE = {"DECIMAL(18,2)": 100, "DECIMAL(18,4)": 10_000, "DECIMAL(9,6)": 1_000_000, "DECIMAL(18,8)": 1_000_000}
Tamper = Callable[[bytes], bytes]


@dataclass
class _Done:
    """What was written of an entity, and its rows that belong to days to come or are delivered whole again."""

    entity: str
    left: pl.DataFrame | None = None
    rows: int = 0
    files: int = 0
    bytes: int = 0


class Writer:
    """Collects frames and writes the files of whole days.

    ``lookups`` maps a column to the texts behind its indexes; ``packed``: JSON lines are gzipped, too. ``absent`` holds
    deliveries that never happen, ``late`` the received time of those that come late, ``tamper`` a change to a file's
    text before it is compressed; all keyed by (entity, day).
    """

    def __init__(
        self, root: Path, clock: Clock, seed: int, lookups: dict[str, pl.Series], packed: bool = False
    ) -> None:
        self.root, self.clock, self.seed, self.lookups, self.packed = root, clock, seed, lookups, packed
        self.absent: set[tuple[str, int]] = set()
        self.late: dict[tuple[str, int], int] = {}
        self.tamper: dict[tuple[str, int], Tamper] = {}
        self.rows: dict[str, int] = defaultdict(int)
        self.files = 0
        self.bytes = 0
        self._pending: dict[str, list[pl.DataFrame]] = defaultdict(list)
        self._pool, self._jobs, self._begun = ThreadPoolExecutor(2), list[Future[_Done]](), 0
        self._arrivals: dict[str, np.ndarray] = {}
        self._jitter = {name: stream(seed, "delivery", name).integers(2, 25, clock.days) for name in layouts()}

    def push(self, entity: str, frame: pl.DataFrame) -> None:
        """Queue rows;

        each is delivered with the day on which it changed (or of ``_deliver``), at the earliest with the first.
        """
        if not frame.width:
            return
        column = pl.col("_deliver" if "_deliver" in frame.columns else layouts()[entity].delivery_column)
        ts = column.dt.epoch("s") if frame.schema[column.meta.output_name()] != pl.Int64 else column
        frame = frame.with_columns(_ts=ts.cast(pl.Int64)).filter(pl.col("_ts") < self.clock.end_ts)
        if frame.height:
            self._pending[entity].append(frame)

    def flush(self, until: int) -> None:
        """Begin to write every day before day index ``until`` that is not written yet. Call with ascending days.

        Waits for what was begun before, so that no more than two slices are in memory.
        """
        self.wait()
        taken, self._pending = self._pending, defaultdict(list)
        start, self._begun = self._begun, until
        first = sorted(layouts().values(), key=lambda layout: -sum(f.height for f in taken.get(layout.entity, [])))
        self._jobs = [
            self._pool.submit(self._flush_entity, layout, taken.pop(layout.entity, []), start, until)
            for layout in first
        ]

    def wait(self) -> None:
        """Until all that was begun is written. Raises what went wrong in the background."""
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            done = job.result()
            self.rows[done.entity] += done.rows
            self.files, self.bytes = self.files + done.files, self.bytes + done.bytes
            if done.left is not None:
                self._pending[done.entity].insert(0, done.left)

    def received_ts(self, entity: str, day: int) -> int | None:
        """When the file of a business day arrives; None when it never does."""
        if (entity, day) in self.absent:
            return None
        layout = layouts()[entity]
        due = int(self.clock.utc(np.array([day + 1]), np.array([layout.due_seconds]))[0])
        return self.late.get((entity, day), due - 60 * int(self._jitter[entity][day]))

    def arrivals(self, entity: str) -> np.ndarray:
        """By business day: when an entity's delivery of that day, or the next that arrives, is there; NEVER for none.

        Asked for first when it is settled what is absent or late.
        """
        if entity not in self._arrivals:
            layout, days = layouts()[entity], range(self.clock.days)
            times = [(self.received_ts(entity, day) if self.is_due(layout, day) else None) or NEVER for day in days]
            self._arrivals[entity] = np.minimum.accumulate(np.array(times)[::-1])[::-1]
        return self._arrivals[entity]

    def covering(self, entity: str, ts: np.ndarray) -> np.ndarray:
        """When the delivery arrives that covers an instant; NEVER when none does."""
        day = self.clock.day(np.asarray(ts) - 1)
        return np.where(day < self.clock.days, self.arrivals(entity)[np.clip(day, 0, self.clock.days - 1)], NEVER)

    def is_due(self, layout: Layout, day: int) -> bool:
        return not layout.weekly or day == 0 or int(self.clock.weekday(np.array([day]))[0]) == 7

    def _flush_entity(self, layout: Layout, frames: list[pl.DataFrame], start: int, until: int) -> _Done:
        done = _Done(layout.entity)
        frame = pl.concat(frames, how="diagonal_relaxed") if frames else None
        if layout.weekly:
            self._flush_weekly(layout, frame, start, until, done)
            done.left = frame
            return done
        if frame is None:
            for day in range(start, until):
                self._write(layout, day, _empty(layout), done)
            return done
        frame = frame.sort("_ts", maintain_order=True)
        ends = [self.clock.midnight(day + 1) for day in range(start, until)]
        bounds = [int(bound) for bound in np.searchsorted(frame["_ts"].to_numpy(), ends)]
        text = self.spell(layout, frame[: bounds[-1]])
        previous = 0
        for day, bound in zip(range(start, until), bounds, strict=True):
            self._write(layout, day, text[previous:bound], done)
            previous = bound
        if bounds[-1] < frame.height:
            done.left = frame[bounds[-1] :]
        return done

    def _flush_weekly(self, layout: Layout, frame: pl.DataFrame | None, start: int, until: int, done: _Done) -> None:
        for day in range(start, until):
            if not self.is_due(layout, day):
                continue
            known = frame.filter(pl.col("_ts") < self.clock.midnight(day + 1)) if frame is not None else None
            if known is not None and layout.is_issued and day > 0:
                known = known.filter(pl.col("_ts") >= self.clock.midnight(max(day - 6, 1)))
            self._write(layout, day, self.spell(layout, known) if known is not None else _empty(layout), done)

    def spell(self, layout: Layout, frame: pl.DataFrame) -> pl.DataFrame:
        """Compact columns to the contract's texts, timestamps and decimals."""
        return frame.select(
            self._column(name, kind, frame.schema.get(name), layout.extension).alias(name)
            for name, kind in layout.columns.items()
        )

    def _column(self, name: str, kind: str, dtype: pl.DataType | None, extension: str) -> pl.Expr:
        column = pl.col(name)
        if dtype is None:
            return pl.lit(None, dtype=_POLARS.get(kind, pl.Float64))
        if kind == "VARCHAR":
            return self._text(name, column, dtype)
        if kind == "TIMESTAMP":
            return (
                (column * 1_000_000).cast(pl.Datetime("us")) if dtype.is_integer() else column.cast(pl.Datetime("us"))
            )
        if kind == "DATE":
            return column.cast(pl.Int32).cast(pl.Date) if dtype.is_integer() else column
        if kind.startswith("DECIMAL"):
            # the division alone may be off in the last bit; rounded, it prints as the amount
            scaled = (column / _SCALE[kind]).round(len(str(_SCALE[kind])) - 1) if dtype.is_integer() else column
            return scaled.cast(_decimal(kind)) if extension == "parquet" else scaled
        return column.cast(_POLARS[kind])

    def _text(self, name: str, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        if not dtype.is_integer():
            return column.cast(pl.String)
        if name in self.lookups:
            names = self.lookups[name]
            return column.map_batches(lambda s: _take(names, s), return_dtype=pl.String)
        prefix, width, suffix = PREFIXES.get(name, ""), *_PERSONAL.get(name, (9, ""))
        return pl.lit(prefix) + column.cast(pl.String).str.zfill(width) + pl.lit(suffix)

    def _write(self, layout: Layout, day: int, frame: pl.DataFrame, done: _Done) -> None:
        done.rows += frame.height
        received = self.received_ts(layout.entity, day)
        if received is None:
            return
        folder = self.root / layout.system / layout.entity
        if day == 0:
            folder.mkdir(parents=True, exist_ok=True)
        stamp = datetime.fromtimestamp(received, UTC).strftime("%Y%m%dT%H%MZ")
        packed = ".gz" if self.packed and layout.extension == "jsonl" else ""
        data = self._encode(layout, frame, bool(packed), self.tamper.get((layout.entity, day)))
        name = f"{layout.entity}_{self.clock.date(day)}_{stamp}.{layout.extension}{packed}"
        (folder / name).write_bytes(data)
        done.files += 1
        done.bytes += len(data)

    def _encode(self, layout: Layout, frame: pl.DataFrame, packed: bool, tamper: Tamper | None) -> bytes:
        """The bytes of a file. Polars packs while it writes, several times as fast as zlib; what is tampered with is
        packed afterwards."""
        buffer = io.BytesIO()
        if layout.extension == "parquet":
            frame.write_parquet(buffer, compression="zstd", compression_level=1)
            return buffer.getvalue()
        packed = packed or layout.extension == "csv.gz"
        how: dict[str, Any] = {"compression": "gzip", "compression_level": 1} if packed and tamper is None else {}
        if layout.extension == "jsonl":
            frame.write_ndjson(buffer, **how)
            data = buffer.getvalue() if how else _without_nulls(frame, buffer.getvalue())
        else:
            frame.write_csv(buffer, datetime_format="%Y-%m-%d %H:%M:%S", **how)
            data = buffer.getvalue()
        if tamper is None:
            return data
        return _gzip(tamper(data)) if packed else tamper(data)


_POLARS: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(), "BIGINT": pl.Int64(), "BOOLEAN": pl.Boolean(), "TIMESTAMP": pl.Datetime("us"),
    "DATE": pl.Date(),
}  # fmt: skip


def _decimal(kind: str) -> pl.DataType:
    precision, scale = kind[8:-1].split(",")
    return pl.Decimal(int(precision), int(scale))


def _take(names: pl.Series, index: pl.Series) -> pl.Series:
    return names.gather(index.cast(pl.UInt32))


def _empty(layout: Layout) -> pl.DataFrame:
    return pl.DataFrame(schema={name: _POLARS.get(kind) or _decimal(kind) for name, kind in layout.columns.items()})


def _without_nulls(frame: pl.DataFrame, data: bytes) -> bytes:
    """JSON lines without the fields that are seldom filled, where they are empty and many."""
    seldom = [
        name for name, empty in zip(frame.columns, frame.null_count().row(0), strict=True) if 2 * empty > frame.height
    ]
    if len(seldom) < 3:
        return data
    for name in seldom:
        data = data.replace(f',"{name}":null'.encode(), b"")
    return data


def _gzip(data: bytes) -> bytes:
    """Gzip without name and time, so that equal data gives equal bytes."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()
