"""What really went wrong: one row an occurrence that meets the catalogue's condition, and one a near miss.

Belongs here: collecting and writing the truth. Not here: deciding what goes wrong (``faults``), or reading extracts;
the truth is computed from the simulator's own state. Kinds: ``injected``, ``ordinary`` (the simulated world's own
noise), ``near_miss`` (just short of the condition: it must not be found).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.writer import Writer

# the entity whose delivery makes an occurrence knowable; none for what a missing or broken file itself tells
PROOF = {
    "E01": "payment", "E02": "order_hold", "E03": "order_hold", "E04": "sales_order", "E05": "sales_order",
    "E06": "order_event", "E07a": "allocation_attempt", "E07b": "allocation_attempt", "E08a": "allocation_attempt",
    "E08b": "order_event", "E09": "shipment", "E10": "allocation_attempt", "E11": "order_event",
    "E12": "shipment_event", "E13": "payment", "E14": "allocation_attempt", "E15": "allocation_attempt",
    "E16": "order_event", "E17a": "fulfilment_line", "E17b": "fulfilment_line", "E18": "wms_task",
    "E19a": "fulfilment_line", "E19b": "receipt_line", "E20": "fulfilment_line", "E21": "fulfilment_line",
    "E22a": "shipment_event", "E22b": "shipment_event", "E23": "inventory_movement", "E24": "pickup_task",
    "E25": "fulfilment_line", "E26": "pickup_task", "E27": "order_event", "E28": "inventory_movement",
    "E29": "integration_message", "E30": "inventory_snapshot", "E31": "reservation", "E32": "reservation",
    "E33": "transfer_line", "E34": "cycle_count", "E35": "approval_request", "E36a": "inventory_movement",
    "E36b": "inventory_movement", "E36c": "replenishment_proposal", "E37a": "demand_forecast",
    "E37b": "demand_forecast", "E39": "inventory_movement", "E40": "inventory_movement", "E41a": "price_publication",
    "E41b": "price_publication", "E41c": "price_publication", "E41d": "price_publication", "E42": "price_publication",
    "E44a": "supplier_funding", "E45": "inventory_movement", "E46": "replenishment_proposal",
    "E47a": "price_publication", "E47b": "price_publication", "E47c": "price_list", "E48": "pos_transaction_line",
    "E49": "return_event", "E50": "return_line", "E51": "return_event", "E52a": "return_event",
    "E52b": "return_event", "E52c": "return_event", "E53": "customer_document_line", "E54": "return_line",
    "E55a": "settlement_line", "E55b": "settlement_line", "E55c": "bank_deposit", "E56": "settlement_line",
    "E57": "customer_document_line", "E58": "gl_balance", "E59a": "gl_posting", "E59b": "gl_posting",
    "E59c": "sign_off", "E60a": "gl_posting", "E60b": "gl_posting", "E60c": "gl_posting", "E61a": "receipt_line",
    "E61b": "receipt_line", "E61c": "po_acknowledgement", "E62a": "receipt_line", "E62b": "receipt_line",
    "E62c": "vendor_compliance_event", "E62d": "supplier_claim", "E63": "order_event",
    "E64a": "supplier_invoice_line", "E64b": "landed_cost", "E65a": "integration_message",
    "E65b": "integration_message", "E65c": "integration_message", "E65d": "integration_message",
    "E65e": "integration_message", "E65f": "integration_message", "E65i": "integration_message",
    "E66e": "control_total", "E66f": "audit_log", "E66g": "approval_request", "E66h": "audit_log",
    "E66i": "customer_case", "E66j": "sales_order",
}  # fmt: skip
KINDS = ("ordinary", "injected", "near_miss")
ORDINARY, INJECTED, NEAR_MISS = range(3)
COLUMNS: dict[str, Any] = {
    "fault_id": pl.String, "code": pl.String, "kind": pl.String, "business_key": pl.String,
    "opened_ts": pl.Datetime("us"),
    "known_ts": pl.Datetime("us"), "closed_ts": pl.Datetime("us"), "location": pl.String, "channel": pl.String,
    "description": pl.String,
}  # fmt: skip


class Truth:
    """Occurrences of the run; times in seconds, NEVER for what is still open."""

    def __init__(self) -> None:
        self.parts: list[pl.DataFrame] = []

    def add(
        self, code: str, key: pl.Series, kind: np.ndarray | int, opened: np.ndarray, closed: np.ndarray,
        description: str,
        location: pl.Series | None = None, channel: pl.Series | None = None, known: np.ndarray | None = None,
        beside: np.ndarray | int = -1,
    ) -> None:  # fmt: skip
        """Rows of one code, known with the delivery of the day on which it opened, and not before ``beside``.

        ``known`` where another delivery tells of it. ``beside``: when other evidence arrives that it needs, too.
        """
        n = len(key)
        if n == 0:
            return
        none = pl.Series([None], dtype=pl.String).new_from_index(0, n)
        self.parts.append(pl.DataFrame({
            "code": [code] * n, "kind": np.broadcast_to(np.asarray(kind, dtype=np.int64), n).copy(),
            "business_key": key.cast(pl.String),
            "opened": np.asarray(opened, dtype=np.int64), "closed": np.asarray(closed, dtype=np.int64),
            "known": np.full(n, -1) if known is None else np.asarray(known, dtype=np.int64),
            "beside": np.broadcast_to(np.asarray(beside, dtype=np.int64), n).copy(),
            "location": none if location is None else location.cast(pl.String),
            "channel": none if channel is None else channel.cast(pl.String),
            "description": [description] * n,
        }))  # fmt: skip

    def frame(self, writer: Writer) -> pl.DataFrame:
        """All rows that the deliveries of the run reach, in order of code, time and key."""
        if not self.parts:
            return pl.DataFrame(schema=COLUMNS)
        rows = pl.concat(self.parts)
        end = writer.clock.end_ts
        rows = rows.filter((pl.col("opened") <= end) | (pl.col("known") >= 0))
        known = pl.Series(_known(rows, writer))
        rows = rows.with_columns(
            known=pl.when(pl.col("known") >= 0).then("known").otherwise(pl.max_horizontal("opened", "beside", known))
        ).filter(pl.col("known") < NEVER)
        rows = rows.sort("code", "opened", "business_key", "kind", maintain_order=True)
        return rows.select(
            fault_id=pl.col("code") + "-" + (pl.int_range(1, pl.len() + 1).over("code")).cast(pl.String).str.zfill(5),
            code="code",
            kind=pl.Series(KINDS).gather(rows["kind"].cast(pl.UInt32)), business_key="business_key",
            opened_ts=_stamp("opened"),
            known_ts=_stamp("known"), closed_ts=pl.when(pl.col("closed") < NEVER).then(_stamp("closed")),
            location="location",
            channel="channel", description="description",
        )  # fmt: skip

    def write(self, folder: Path, writer: Writer) -> int:
        """``faults.parquet`` under ``folder``; the number of injected occurrences."""
        folder.mkdir(parents=True, exist_ok=True)
        frame = self.frame(writer)
        frame.write_parquet(folder / "faults.parquet", compression="zstd", compression_level=1)
        return frame.filter(pl.col("kind") == "injected").height


def _stamp(name: str) -> pl.Expr:
    return (pl.col(name) * 1_000_000).cast(pl.Datetime("us"))


def _known(rows: pl.DataFrame, writer: Writer) -> np.ndarray:
    """When the delivery arrives that covers the moment of opening; the next one where it never does."""
    opened = rows["opened"].to_numpy()
    day = np.clip(writer.clock.day(opened - 1), 0, writer.clock.days - 1)
    known = opened.copy()
    code = rows["code"].to_numpy()
    for which, entity in PROOF.items():
        some = code == which
        if some.any():
            known[some] = writer.arrivals(entity)[day[some]]
    return known
