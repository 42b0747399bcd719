"""A plain pandas program for the KPIs that need no money: K02, K05, K07, K13, K29, K60, from the landed Parquet.

``python -m tests.benchmarks.peers_pandas HOME OUT AS_OF`` does what ``peers_polars`` does, for people who know pandas;
K72 is left out, and the comparison leaves it out for both. Formulas: the catalogue's. Not here: comparing or timing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from signalbox.contracts import load_contracts

KPIS = ("K02", "K05", "K07", "K13", "K29", "K60")
_LINE = ["order_id", "line_no"]
_SALE = ["sale_id", "sale_line"]
_VERSION = ["interface_id", "business_key", "business_version"]
_WINDOW = pd.Timedelta(days=30)


class Raw:
    """The landed rows below ``root``; a table is read once and kept."""

    def __init__(self, root: Path) -> None:
        self._root, self._entities = root, load_contracts()
        self._versions: dict[str, pd.DataFrame] = {}
        self._latest: dict[str, pd.DataFrame] = {}

    def versions(self, name: str) -> pd.DataFrame:
        if name not in self._versions:
            entity = self._entities[name]
            files = sorted((self._root / entity.system / name).glob("*.parquet"))
            columns = [column.name for column in entity.columns if not column.duckdb_type.startswith("DECIMAL")]
            self._versions[name] = pd.concat([pd.read_parquet(path, columns=columns) for path in files])
        return self._versions[name]

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._latest:
            entity = self._entities[name]
            order = list(dict.fromkeys([entity.version_column, entity.event_time_column]))
            newest = self.versions(name).sort_values(order, kind="stable", na_position="first")
            self._latest[name] = newest.drop_duplicates(list(entity.key), keep="last")
        return self._latest[name]


def _day(instants: pd.Series) -> pd.Series:
    """The period day of UTC instants in the reporting zone."""
    return instants.dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin").dt.date


def _summed(
    kpi: str, day: pd.Series, channel: pd.Series | None, numerator: pd.Series, denominator: pd.Series
) -> pd.DataFrame:
    rows = pd.DataFrame({
        "period_date": day, "channel": None if channel is None else channel.fillna("NONE"),
        "numerator": numerator.astype(float), "denominator": denominator.astype(float),
    })  # fmt: skip
    sums = rows.groupby(["period_date", "channel"], dropna=False)[["numerator", "denominator"]].sum().reset_index()
    return sums.assign(kpi_id=kpi)


def _goods_lines(raw: Raw) -> pd.DataFrame:
    """Lines of goods, no test order; the ordered quantity is the greatest of any version."""
    ordered = raw.versions("sales_order_line").groupby(_LINE)["quantity"].max().rename("ordered_qty").reset_index()
    heads = raw["sales_order"][["order_id", "channel_id", "order_type", "order_ts", "is_test"]]
    kinds = raw["product"][["sku", "product_type"]]
    lines = raw["sales_order_line"][[*_LINE, "sku", "quantity", "is_backorder_sale"]]
    lines = lines.merge(ordered, on=_LINE).merge(heads, on="order_id").merge(kinds, on="sku", how="left")
    return lines[~lines["is_test"].astype(bool) & (lines["product_type"].fillna("goods") == "goods")]


def _first_promise(raw: Raw) -> pd.DataFrame:
    promises = raw["promise"]
    asked = promises[(promises["requested_by_code"] == "customer") | (promises["promise_version"] == 1)]
    last = asked.sort_values("promise_version").drop_duplicates(_LINE, keep="last")
    return last[[*_LINE, "promise_earliest_ts", "promise_latest_ts"]]


def _cancellations(raw: Raw) -> pd.DataFrame:
    """Cancelled units by event and line, and whether that was before the obligation."""
    events = raw["order_event"]
    gone = events[events["event_type"] == "cancelled"]
    lines = raw["sales_order_line"][[*_LINE, "quantity"]].rename(columns={"quantity": "whole_qty"})
    by_line = gone[gone["line_no"].notna()].merge(lines, on=_LINE)
    whole = gone[gone["line_no"].isna()].drop(columns="line_no").merge(lines, on="order_id")
    both = pd.concat([by_line, whole])
    both["quantity"] = both["quantity"].fillna(both["whole_qty"])
    both = both.merge(_first_promise(raw), on=_LINE, how="left")
    for kind, name in (("released", "released"), ("delay_announced", "announced")):
        first = events[events["event_type"] == kind].groupby("order_id")["event_ts"].min().rename(name)
        both = both.merge(first, on="order_id", how="left")
    when = both["event_ts"]
    in_time = ~(when >= both["promise_latest_ts"]) & ~(when >= both["announced"])
    by_risk = both["reason_code"].isin(["fraud", "payment"]) & ~(when >= both["released"])
    both["is_before"] = ((both["initiator_code"] == "customer") & in_time) | by_risk
    return both


def _handed_over(raw: Raw) -> pd.DataFrame:
    """Units delivered, ready or collected, with the moment."""
    scans = raw["shipment_event"]
    scans = scans[scans["event_type"] == "delivered"].groupby(["shipment_id", "parcel_id"])["event_ts"].min()
    live = raw["shipment"]
    live = live[(live["status_code"] == "shipped") & ~live["is_replacement"].astype(bool)][["shipment_id"]]
    parcels = raw["shipment_line"].merge(live, on="shipment_id")
    parcels = parcels.merge(scans.rename("ts").reset_index(), on=["shipment_id", "parcel_id"])
    parts = [parcels[[*_LINE, "quantity", "ts"]].assign(how="delivered")]
    tasks = raw["pickup_task"]
    for how in ("ready", "collected"):
        done = tasks[tasks[f"{how}_ts"].notna()]
        done = done[[*_LINE, f"{how}_qty", f"{how}_ts"]]
        parts.append(done.rename(columns={f"{how}_qty": "quantity", f"{how}_ts": "ts"}).assign(how=how))
    both = pd.concat(parts)
    return both[both["quantity"] > 0]


def _reached(handed: pd.DataFrame, needed: pd.DataFrame, need: str, name: str) -> pd.DataFrame:
    rows = handed.merge(needed[[*_LINE, need]], on=_LINE).sort_values([*_LINE, "ts"])
    so_far = rows.groupby(_LINE)["quantity"].cumsum()
    enough = rows[(so_far >= rows[need]) & (rows[need] > 0)]
    return enough.groupby(_LINE)["ts"].min().rename(name).reset_index()


def _outcomes(raw: Raw) -> pd.DataFrame:
    """Lines with obliged and kept units, first promise, first arrival of all obliged units and last hand-over."""
    gone = _cancellations(raw)
    before = gone[gone["is_before"]].groupby(_LINE)["quantity"].sum().rename("gone_before")
    every = gone.groupby(_LINE).agg(gone=("quantity", "sum"), gone_ts=("event_ts", "max"))
    lines = _goods_lines(raw).merge(before, on=_LINE, how="left").merge(every, on=_LINE, how="left")
    lines = lines.merge(_first_promise(raw), on=_LINE, how="left")
    lines["obliged"] = lines["ordered_qty"] - lines["gone_before"].fillna(0)
    lines["kept"] = lines["ordered_qty"] - lines["gone"].fillna(0)
    handed = _handed_over(raw)
    actual = _reached(handed[handed["how"] != "collected"], lines, "obliged", "actual_ts")
    done = _reached(handed[handed["how"] != "ready"], lines, "kept", "completed_ts")
    return lines.merge(actual, on=_LINE, how="left").merge(done, on=_LINE, how="left")


def k02(lines: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    due = lines[(lines["obliged"] > 0) & (lines["promise_latest_ts"] <= as_of)]
    early = (due["actual_ts"] < due["promise_earliest_ts"]) & (due["order_type"] != "pickup")
    kept = (due["actual_ts"] <= due["promise_latest_ts"]) & ~early
    return _summed("K02", _day(due["promise_latest_ts"]), due["channel_id"], kept, kept | True)


def k05(lines: pd.DataFrame) -> pd.DataFrame:
    rows = lines.assign(has_kept=lines["kept"] > 0)
    rows["closed"] = rows["completed_ts"].where(rows["has_kept"], rows["gone_ts"]).notna()
    rows["done_ts"] = rows["completed_ts"].where(rows["has_kept"])
    orders = rows.groupby(["order_id", "channel_id", "order_ts"]).agg(
        closed=("closed", "all"), has_kept=("has_kept", "any"), done_ts=("done_ts", "max")
    )
    orders = orders.reset_index()
    done = orders[orders["closed"] & orders["has_kept"] & (orders["done_ts"] >= orders["order_ts"])]
    seconds = (done["done_ts"] - done["order_ts"]).dt.total_seconds()
    return _summed("K05", _day(done["done_ts"]), done["channel_id"], seconds, seconds * 0 + 1)


def k07(raw: Raw) -> pd.DataFrame:
    gone = _cancellations(raw).groupby(_LINE)["quantity"].sum().rename("gone")
    lines = _goods_lines(raw).merge(gone, on=_LINE, how="left")
    taken = lines["gone"].fillna(0).clip(upper=lines["ordered_qty"])
    return _summed("K07", _day(lines["order_ts"]), lines["channel_id"], taken, lines["ordered_qty"])


def k13(raw: Raw) -> pd.DataFrame:
    told = raw["ats_publication"]
    told = told[told["live_ts"].notna()].sort_values(["live_ts", "published_ts"])
    lines = _goods_lines(raw)
    lines = lines[~lines["is_backorder_sale"].astype(bool)].sort_values("order_ts")
    told = told[["sku", "channel_id", "live_ts", "ats_qty"]]
    lines = pd.merge_asof(lines, told, left_on="order_ts", right_on="live_ts", by=["sku", "channel_id"])
    lines = lines[lines["ats_qty"].notna()]
    want = ["no_stock", "not_found"]
    gone, events = _cancellations(raw), raw["order_event"]
    later = events[(events["event_type"] == "backordered") & events["reason_code"].isin(want)]
    for name, rows in (("c", gone[gone["reason_code"].isin(want)]), ("b", later)):
        lines = lines.merge(rows.groupby(_LINE)["quantity"].sum().rename(name), on=_LINE, how="left")
    worst = lines[["c", "b"]].fillna(0).max(axis=1).clip(upper=lines["ordered_qty"])
    worst = worst.where(lines["ats_qty"] >= lines["ordered_qty"], 0)
    return _summed("K13", _day(lines["order_ts"]), lines["channel_id"], worst, lines["ordered_qty"])


def k29(raw: Raw) -> pd.DataFrame:
    told = raw["integration_message"]
    stock = told[told["object_type"] == "stock"]
    once = stock.groupby(_VERSION, as_index=False)[["event_ts", "applied_ts"]].min()
    once = once.sort_values(_VERSION, ascending=[True, True, False])
    lowest = once.groupby(_VERSION[:2])["applied_ts"].cummin()
    once["effective_ts"] = lowest.groupby([once[name] for name in _VERSION[:2]]).ffill()
    latency = (once["effective_ts"] - once["event_ts"]).dt.total_seconds()
    good = latency >= 0
    return _summed("K29", _day(once["event_ts"][good]), None, latency[good], latency[good] * 0 + 1)


def k60(raw: Raw, as_of: pd.Timestamp) -> pd.DataFrame:
    handed = _handed_over(raw)
    lines = _goods_lines(raw)[[*_LINE, "channel_id"]]
    orders = handed[handed["how"] != "ready"].merge(lines, on=_LINE)
    orders = orders.rename(columns={"order_id": "sale_id", "line_no": "sale_line"})
    heads, goods = raw["pos_transaction"], raw["product"]
    sales = heads[heads["transaction_type"] == "sale"][["transaction_id"]]
    till = raw["pos_transaction_line"].merge(sales, on="transaction_id")
    till = till[till["sku"].isin(goods[goods["product_type"] == "goods"]["sku"])].assign(channel_id="store")
    till = till.rename(columns={"transaction_id": "sale_id", "line_no": "sale_line", "transaction_ts": "ts"})
    columns = [*_SALE, "channel_id", "quantity", "ts"]
    cohort = pd.concat([orders[columns], till[columns]])
    cohort = cohort.groupby([*_SALE, "channel_id"]).agg({"quantity": "sum", "ts": "max"}).reset_index()
    cohort = cohort[cohort["ts"] + _WINDOW <= as_of]
    back = raw["return_line"]
    back = back[~back["status_code"].isin(["withdrawn", "expired"])]
    back = back.assign(
        sale_id=back["order_id"].fillna(back["transaction_id"]),
        sale_line=back["order_line_no"].fillna(back["transaction_line_no"]),
    )[[*_SALE, "initiated_ts", "quantity"]]
    back = back.rename(columns={"quantity": "units"}).merge(cohort[[*_SALE, "ts"]], on=_SALE)
    units = back[back["initiated_ts"] <= back["ts"] + _WINDOW].groupby(_SALE)["units"].sum().rename("back")
    rows = cohort.merge(units, on=_SALE, how="left")
    kept = rows["back"].fillna(0).clip(upper=rows["quantity"])
    return _summed("K60", _day(rows["ts"]), rows["channel_id"], kept, rows["quantity"])


def compute(home: Path, as_of: datetime) -> pd.DataFrame:
    """The KPI table: kpi_id, period_date, channel, numerator, denominator."""
    raw, now = Raw(home / "raw"), pd.Timestamp(as_of)
    lines = _outcomes(raw)
    parts: Sequence[pd.DataFrame] = [k02(lines, now), k05(lines), k07(raw), k13(raw), k29(raw), k60(raw, now)]
    return pd.concat(parts, ignore_index=True)


if __name__ == "__main__":
    compute(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[3])).to_parquet(sys.argv[2])
