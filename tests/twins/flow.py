"""Twin of K110: cases of the processes walked step by step, from the extracts.

The order of steps of one instant and the standard paths are the retailer's settings, read from the seeds.
"""

from __future__ import annotations

import csv
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import polars as pl

from tests.twins.extracts import Extracts
from tests.twins.lines import line_outcomes, summed
from tests.twins.returns import _of_goods
from tests.twins.reverse import LINE, _events, _memo
from tests.twins.stock_walk import _local_day

_SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
_STEP = ["process", "case", "activity", "ts"]
_CASE = ["process", "case", "channel_id", "is_ended"]
Tables = tuple[pl.DataFrame, pl.DataFrame]


def _seed(name: str) -> list[dict[str, str]]:
    with (_SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _case(*columns: str) -> pl.Expr:
    return pl.concat_str(*columns, separator="|").alias("case")


def _process(name: str) -> pl.Expr:
    return pl.lit(name).alias("process")


def _wide(rows: pl.DataFrame, process: str, instants: dict[str, str]) -> pl.DataFrame:
    """Steps of cases that have one instant a column, null where the step was not taken."""
    parts = [
        rows.select(_process(process), "case", pl.lit(activity).alias("activity"), pl.col(column).alias("ts"))
        for activity, column in instants.items()
    ]
    return pl.concat(parts).filter(pl.col("ts").is_not_null())


def _orders(x: Extracts) -> Tables:
    """Order lines with what was told of them or of their order; ended when nothing of the line is open."""
    lines = line_outcomes(x).filter(pl.col("kit_parent_line_no").is_null(), pl.col("substitute_for_line_no").is_null())
    closed = pl.when(pl.col("kept") > 0).then(pl.col("completed_ts").is_not_null()).otherwise(True)
    told = x["order_event"].select("order_id", pl.col("line_no").alias("of_line"), "event_type", "event_ts")
    told = told.join(lines.select("order_id", "line_no"), on="order_id")
    told = told.filter(pl.col("of_line").is_null() | (pl.col("of_line") == pl.col("line_no")))
    steps = told.select(
        _process("order-to-cash"),
        _case("order_id", "line_no"),
        pl.col("event_type").alias("activity"),
        pl.col("event_ts").alias("ts"),
    )
    cases = lines.select(
        _process("order-to-cash"), _case("order_id", "line_no"), "channel_id", closed.alias("is_ended")
    )
    return steps, cases


def _returns(x: Extracts) -> Tables:
    """Return lines that were not withdrawn; ended when refunded, credited and disposed of."""
    refunds = x["refund"].filter(pl.col("status_code").is_in(["issued", "settled"]))
    refunds = refunds.group_by("return_id", pl.col("return_line_no").alias("line_no")).agg(pl.col("refund_ts").min())
    under_way = x.versions("return_line").filter(pl.col("status_code") == "in_transit")
    under_way = under_way.group_by(LINE).agg(pl.col("updated_ts").min().alias("in_transit_ts"))
    lines = x["return_line"].filter(~pl.col("status_code").is_in(["withdrawn", "expired"]))
    rows = lines.with_columns(_case(*LINE))
    for part in (_events(x), under_way, refunds, _memo(x)):
        rows = rows.join(part, on=LINE, how="left")
    goods = pl.col("disposed_ts").is_not_null() | pl.col("is_refund_without_return")
    ended = pl.col("refund_ts").is_not_null() & pl.col("memo_ts").is_not_null() & goods
    columns = {
        "initiated": "initiated_ts",
        "in_transit": "in_transit_ts",
        "received": "received_ts",
        "inspected": "inspected_ts",
        "disposed": "disposed_ts",
        "available": "available_ts",
        "refunded": "refund_ts",
        "credited": "memo_ts",
    }
    channels = _of_goods(lines, x).select(*LINE, "channel_id")
    cases = rows.join(channels, on=LINE, how="left").select(
        _process("return-to-refund"), "case", pl.col("channel_id").fill_null("UNKNOWN"), ended.alias("is_ended")
    )
    return _wide(rows, "return-to-refund", columns), cases


def _received(x: Extracts) -> pl.DataFrame:
    """Purchase-order lines whose ordered units came, or whose receipt was the last: ``po_id, line_no, done_ts``."""
    good = (pl.col("received_qty") - pl.col("rejected_qty")).cum_sum().over("po_id", "po_line_no").alias("so_far")
    ordered = x["purchase_order_line"].select("po_id", pl.col("line_no").alias("po_line_no"), "ordered_qty")
    rows = x["receipt_line"].sort("receipt_ts", "receipt_id", "line_no").with_columns(good)
    rows = rows.join(ordered, on=["po_id", "po_line_no"])
    done = rows.filter(pl.col("is_final") | (pl.col("so_far") >= pl.col("ordered_qty")))
    return done.group_by("po_id", pl.col("po_line_no").alias("line_no")).agg(
        pl.col("receipt_ts").min().alias("done_ts")
    )


def _purchases(x: Extracts) -> Tables:
    """Purchase-order lines; ended when they were cancelled, or have come (or were closed) and are invoiced."""
    line = ["po_id", "line_no"]
    heads = x["purchase_order"].select("po_id", "po_sent_ts", pl.col("status_code").alias("head_status"))
    lines = x["purchase_order_line"].join(heads, on="po_id")
    told = [
        ("sent", lines, line, "po_sent_ts"),
        ("acknowledged", x["po_acknowledgement"], line, "ack_ts"),
        ("announced", x["asn_line"], ["po_id", "po_line_no"], "asn_ts"),
        ("arrived", x["receipt_line"], ["po_id", "po_line_no"], "arrived_ts"),
        ("received", x["receipt_line"], ["po_id", "po_line_no"], "receipt_ts"),
        ("put_away", x["receipt_line"], ["po_id", "po_line_no"], "putaway_ts"),
        ("invoiced", x["supplier_invoice_line"], ["po_id", "po_line_no"], "invoice_ts"),
    ]
    steps = pl.concat(
        [
            rows.select(_process("procure-to-pay"), _case(*key), pl.lit(name).alias("activity"), pl.col(at).alias("ts"))
            for name, rows, key, at in told
        ]
    )
    billed = x["supplier_invoice_line"].select("po_id", pl.col("po_line_no").alias("line_no")).unique()
    rows = lines.join(_received(x), on=line, how="left").join(
        billed.with_columns(pl.lit(True).alias("billed")), on=line, how="left"
    )
    came = pl.coalesce("done_ts", "closed_ts").is_not_null() & pl.col("billed").fill_null(False)
    gone = (pl.col("status_code") == "cancelled") | (pl.col("head_status") == "cancelled")
    cases = rows.select(
        _process("procure-to-pay"), _case(*line), pl.lit("NONE").alias("channel_id"), (gone | came).alias("is_ended")
    )
    return steps, cases


def _proposals(x: Extracts) -> Tables:
    """Replenishment proposals; ended when turned down, or when what came of them is there."""
    heads = x["purchase_order"].select("po_id", "po_sent_ts")
    bought = x["purchase_order_line"].select("po_id", "line_no").join(heads, on="po_id")
    bought = bought.join(_received(x), on=["po_id", "line_no"], how="left").rename({"line_no": "po_line_no"})
    moved = x["transfer_line"].select(
        "transfer_id", "sku", "shipped_ts", "completed_ts", pl.col("created_ts").alias("moved_ts")
    )
    rows = (
        x["replenishment_proposal"]
        .join(bought, on=["po_id", "po_line_no"], how="left")
        .join(moved, on=["transfer_id", "sku"], how="left")
        .with_columns(
            pl.col("proposal_id").alias("case"),
            pl.coalesce("po_sent_ts", "moved_ts").alias("ordered_ts"),
            pl.coalesce("done_ts", "completed_ts").alias("there_ts"),
        )
    )
    columns = {
        "proposed": "created_ts",
        "decided": "decided_ts",
        "ordered": "ordered_ts",
        "shipped": "shipped_ts",
        "received": "there_ts",
    }
    refused = (pl.col("decision_code") == "rejected").fill_null(False)
    cases = rows.select(
        _process("inventory-to-replenishment"),
        "case",
        pl.lit("NONE").alias("channel_id"),
        (refused | pl.col("there_ts").is_not_null()).alias("is_ended"),
    )
    return _wide(rows, "inventory-to-replenishment", columns), cases


def _promotions(x: Extracts, as_of: datetime) -> Tables:
    """Promotions; ended when withdrawn, or off everywhere with their claim (if there is one) due."""
    asked = x["approval_request"].filter(pl.col("approval_type") == "promotion").group_by("promotion_id")
    asked = asked.agg(
        pl.col("submitted_ts").min(), pl.col("decided_ts").filter(pl.col("decision_code") == "approved").max()
    )
    shown = x["price_publication"].filter(pl.col("live_ts").is_not_null()).group_by("promotion_id")
    shown = shown.agg(
        pl.col("live_ts").min(), pl.when(pl.col("ended_ts").is_not_null().all()).then(pl.col("ended_ts").max()).first()
    )
    # the claim falls due at the end of its day in the reporting zone
    midnight = (pl.col("claim_due_date").max() + pl.duration(days=1)).cast(pl.Datetime("us"))
    due = midnight.dt.replace_time_zone("Europe/Berlin").dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    claims = x["supplier_funding"].group_by("promotion_id").agg(due.alias("claim_ts"))
    rows = x["promotion"].with_columns(pl.col("promotion_id").alias("case"), pl.lit("NONE").alias("channel_id"))
    for part in (asked, shown, claims):
        rows = rows.join(part, on="promotion_id", how="left")
    rows = rows.with_columns(pl.coalesce("decided_ts", "approved_ts").alias("approved_ts"))
    off = (pl.col("ended_ts") <= as_of).fill_null(False)
    settled = (pl.col("claim_ts") <= as_of).fill_null(True)
    ended = (pl.col("status_code") == "withdrawn").fill_null(False) | (off & settled)
    columns = {
        "submitted": "submitted_ts",
        "approved": "approved_ts",
        "live": "live_ts",
        "off": "ended_ts",
        "claim_due": "claim_ts",
    }
    name = "promotion-to-settlement"
    return _wide(rows, name, columns).filter(pl.col("ts") <= as_of), rows.select(
        _process(name), "case", "channel_id", ended.alias("is_ended")
    )


def k110(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K110 = cases on a standard path / cases ended, at the last step; wait between steps; steps taken again."""
    made = [_orders(x), _returns(x), _purchases(x), _proposals(x), _promotions(x, as_of)]
    places = {(row["process"], row["activity"]): int(row["step_no"]) for row in _seed("process_step")}
    paths = {(row["process"], row["path"]) for row in _seed("process_path")}
    walks: dict[tuple[str, str], set[tuple[datetime, int, str]]] = {}
    for process, case, activity, ts in pl.concat([steps.select(_STEP) for steps, _ in made]).rows():
        place = places.get((process, activity))
        if place is not None and ts is not None:
            walks.setdefault((process, case), set()).add((ts, place, activity))
    rows = []
    for process, case, channel, is_ended in pl.concat([cases.select(_CASE) for _, cases in made]).rows():
        walk = sorted(walks.get((process, case), ()))
        if not is_ended or not walk:
            continue
        names, end = [activity for _, _, activity in walk], _local_day(walk[-1][0])
        rows.append(("K110", end, channel, float((process, ">".join(names)) in paths), 1.0))
        rows.append(("K110.rework", end, channel, float(len(names) - len(set(names))), 1.0))
        for (before, _, _), (after, _, _) in pairwise(walk):
            rows.append(("K110.wait", end, channel, (after - before).total_seconds(), 1.0))
    schema = {"kpi": pl.String, "on": pl.Date, "channel_id": pl.String, "top": pl.Float64, "bottom": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return pl.concat(
        [
            summed(frame.filter(pl.col("kpi") == kpi), kpi, pl.col("on"), pl.col("top"), pl.col("bottom"))
            for kpi in ("K110", "K110.wait", "K110.rework")
        ]
    )
