"""Faults of master data, and the truth about them.

Belongs here: E38, E66a, E66b, E66c, E66d. Not here: codes that no contract knows (``inject_files``). Masters are
delivered whole every Sunday, so that what is wrong is told by versions of records; what is added for a fault is never
sold.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR, Clock
from signalbox.simulate.cols import code
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.inject_approvals import request_key, worked_until
from signalbox.simulate.ledger import COUNT, MOVES, REASONS, REF_NONE, REFERENCES, STATES
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth
from signalbox.simulate.writer import Writer

Frames = dict[str, pl.DataFrame]
Rows = list[pl.DataFrame]
MARKETS = ("mkt_a", "mkt_b")
DECISIONS = ("open", "approved", "rejected", "expired")
PROPAGATION = 24 * HOUR
MOST = 200
# items that the retailer's catalogue does not have; the writer knows them after those that it has
STRANGERS = tuple(f"88{near}{k:04d}" for near in (0, 1) for k in range(MOST))


def master_faults(plan: Plan, truth: Truth, writer: Writer, frames: Frames, items: int) -> Iterable[Frames]:
    """Further versions and records beside the master data ``frames``, of which ``items`` are items of the catalogue."""
    strike = _Strike(plan, truth, writer, items)
    if not plan.count:
        return []
    return [
        strike.attributes(frames["product"]), strike.vendors(frames["supplier"]), strike.listings(),
        strike.launches(frames["channel_listing"]), strike.statuses(frames["product"]),
        strike.strangers(frames["product"], frames["location"]),
    ]  # fmt: skip


class _Strike:
    def __init__(self, plan: Plan, truth: Truth, writer: Writer, items: int) -> None:
        self.plan, self.truth, self.writer, self.clock, self.items = plan, truth, writer, writer.clock, items

    def _drawn(self, which: str, near: bool) -> tuple[int, np.ndarray, np.ndarray]:
        """How many, when it begins (before the last Sunday) and when it ends, for a third never."""
        n = self.plan.due(which, 0, self.plan.days, near)
        rng = self.plan.stream(which, 0, "near when" if near else "when")
        last = _sundays(self.clock)[-1]
        begin = self.clock.utc(rng.integers(1, max(last - 2, 2), n), rng.integers(9 * HOUR, 17 * HOUR, n))
        end = begin + rng.integers(2 * DAY, 20 * DAY, n)
        return n, begin, np.where(np.arange(n) % 3 == 2, NEVER, end)

    def _tell(
        self, which: str, keys: list[str], near: bool, opened: np.ndarray, ended: np.ndarray, known: np.ndarray,
        text: str,
    ) -> None:  # fmt: skip
        kind, closed = (NEAR_MISS, opened) if near else (INJECTED, np.where(ended > self.clock.end_ts, NEVER, ended))
        self.truth.add(
            which, pl.Series(keys, dtype=pl.String), kind, opened, closed, text, known=np.maximum(known, opened)
        )

    def attributes(self, product: pl.DataFrame) -> Frames:
        """E66a: an item loses its weight or its number; near misses get a short, but valid number."""
        rows: Rows = []
        goods = product.filter(pl.col("product_type") == "goods")
        taken = np.arange(goods.height)
        for near in (False, True):
            _, begin, end = self._drawn("E66a", near)
            hit = self.plan.pick("E66a", 0, self.plan.days, taken, near)
            taken = np.setdiff1d(taken, hit)
            for k, at in enumerate(hit.tolist()):
                whole = goods[at]
                change = {"gtin": pl.lit("12345670")} if near else (
                    {"gtin": pl.lit("405")} if k % 2 else {"weight_kg": pl.lit(None, dtype=pl.Float64)}
                )  # fmt: skip
                rows.append(whole.with_columns(updated_ts=pl.lit(int(begin[k]), dtype=pl.Int64), **change))
                if end[k] < NEVER:
                    rows.append(whole.with_columns(updated_ts=pl.lit(int(end[k]), dtype=pl.Int64)))
            keys = [f"product|{sku}" for sku in goods["sku"].gather(hit.tolist()).to_list()]
            begin, end = begin[: hit.size], end[: hit.size]
            text = "item with a short number" if near else "item without weight or number"
            self._tell("E66a", keys, near, begin, end, self.writer.covering("product", begin), text)
        return {"product": pl.concat(rows)} if rows else {}

    def vendors(self, supplier: pl.DataFrame) -> Frames:
        """E66b: a supplier is opened again, under its number or a spelling of its name; near misses sit elsewhere."""
        rows: Rows = []
        for near in (False, True):
            n, begin, end = self._drawn("E66b", near)
            keys = []
            for k in range(n):
                of = supplier[(k * 3 + 1 + near) % supplier.height]
                name, number = str(of["supplier_name"][0]), f"{'N' if near else 'V'}9{k:03d}"
                twin = of.with_columns(
                    supplier_id=pl.lit(number), updated_ts=pl.lit(int(begin[k]), dtype=pl.Int64),
                    supplier_name=pl.lit(f"Trading house {k}" if k % 2 == 0 and not near else name.upper() + "."),
                    gln=pl.col("gln") if k % 2 == 0 and not near else pl.lit(f"4088880{near:d}{k:05d}"),
                    country_code=pl.lit("PT") if near else pl.col("country_code"),
                )  # fmt: skip
                rows.append(twin)
                if end[k] < NEVER:
                    rows.append(
                        twin.with_columns(
                            status_code=pl.lit("inactive"), updated_ts=pl.lit(int(end[k]), dtype=pl.Int64)
                        )
                    )
                keys.append("|".join(sorted([str(of["supplier_id"][0]), number])))
            text = "a namesake in another country" if near else "a supplier twice in the master"
            self._tell("E66b", keys, near, begin, end, self.writer.covering("supplier", begin), text)
        return {"supplier": pl.concat(rows)} if rows else {}

    def listings(self) -> Frames:
        """E66c: a listing goes live without an item; near misses wait for theirs, inactive."""
        rows: Rows = []
        for near in (False, True):
            n, begin, end = self._drawn("E66c", near)
            names = [f"{'Y' if near else 'X'}{k:06d}" for k in range(n)]
            keys = [f"{MARKETS[k % 2]}|{name}" for k, name in enumerate(names)]
            for k, name in enumerate(names):
                states = [("inactive" if near else "active", begin[k])] + [("inactive", end[k])] * bool(end[k] < NEVER)
                rows += [_listing(MARKETS[k % 2], name, None, state, int(ts)) for state, ts in states]
            text = "a listing without item, inactive" if near else "a live listing without item"
            self._tell("E66c", keys, near, begin, end, self.writer.covering("channel_listing", begin), text)
        return {"channel_listing": pl.concat(rows)} if rows else {}

    def launches(self, listing: pl.DataFrame) -> Frames:
        """E66c: a live listing whose launch is still to be approved; half as many as those without item."""
        n, begin, end = self._drawn("E66c", True)
        market = listing.filter(pl.col("channel_id") == MARKETS[0])
        some = [(k * 7 + 5) % market.height for k in range(n)]
        names = market["listing_id"].gather(some).to_list()
        asked = pl.DataFrame({
            "request_id": 8_000_000 + np.arange(n), "step_no": np.ones(n, dtype=np.int64),
            "approval_type": ["channel_launch"] * n, "object_id": pl.Series(names, dtype=pl.String),
            "channel_id": [MARKETS[0]] * n, "approver_role": ["merchandising"] * n, "submitted_ts": begin,
            "decided_ts": pl.Series([None] * n, dtype=pl.Int64), "decision_code": code(np.zeros(n), DECISIONS),
            "version_no": np.ones(n, dtype=np.int64), "updated_ts": begin,
        })  # fmt: skip
        done = asked.with_columns(
            decided_ts=pl.Series(end), decision_code=code(np.ones(n), DECISIONS),
            version_no=pl.lit(2, dtype=pl.Int64), updated_ts=pl.Series(end),
        )  # fmt: skip
        known = self.writer.covering("approval_request", begin)
        keys = [f"{MARKETS[0]}|{name}" for name in names]
        self._tell("E66c", keys, False, begin, end, known, "a live listing before its launch is approved")
        due = np.array([worked_until(self.clock, ts) for ts in begin.tolist()], dtype=np.int64)
        late = np.flatnonzero(end > due)
        numbers = request_key(8_000_000 + late)
        self.truth.add("E66g", numbers, ORDINARY, due[late], np.minimum(end[late], NEVER), "a launch decided too late")
        return {"approval_request": pl.concat([asked, done])}

    def statuses(self, product: pl.DataFrame) -> Frames:
        """E66d: an item ended in the ERP stays live in a channel; near misses are taken down within the day."""
        items: Rows = []
        listed: Rows = []
        since = self.clock.start_ts - 300 * DAY
        for near in (False, True):
            n, begin, end = self._drawn("E66d", near)
            if near:
                end = begin + self.plan.minutes("E66d", 0, n, 60, 1430, "near size")
            opened, keys = begin + PROPAGATION, []
            for k in range(n):
                sku, name = f"80{near:d}{k:04d}", f"Z{near:d}{k:05d}"
                item = product[k % 3].with_columns(
                    sku=pl.lit(sku), gtin=pl.lit(f"0406666{near:d}{k:05d}0"), product_name=pl.lit(f"Ended item {k}"),
                    updated_ts=pl.lit(since, dtype=pl.Int64),
                )  # fmt: skip
                items += [
                    item,
                    item.with_columns(status_code=pl.lit("inactive"), updated_ts=pl.lit(int(begin[k]), dtype=pl.Int64)),
                ]
                states = [("active", since)] + [("inactive", int(end[k]))] * bool(end[k] < NEVER)
                listed += [_listing("web", name, sku, state, ts) for state, ts in states]
                keys.append(f"product|{sku}|web|{name}|status")
            text = "an ended item, taken down in time" if near else "an ended item still live in the channel"
            self._tell("E66d", keys, near, opened, end, self.writer.covering("channel_listing", opened), text)
        return {"product": pl.concat(items), "channel_listing": pl.concat(listed)} if items else {}

    def strangers(self, product: pl.DataFrame, location: pl.DataFrame) -> Frames:
        """E38: units are counted of an item that no master has, or gets days later; near misses are told by Sunday."""
        items: Rows = []
        rows: Rows = []
        for near in (False, True):
            n, begin, end = self._drawn("E38", near)
            if near:
                end = begin - 3 * HOUR
            keys = []
            for k in range(n):
                stranger, place = near * MOST + k % MOST, (k * 5 + near) % location.height
                sku = STRANGERS[stranger]
                number = 6_600_000_000_000 + stranger
                rows.append(_counted(number, place, self.items + stranger, k % 3 + 1, int(begin[k])))
                if end[k] < NEVER:
                    items.append(product[k % 3].with_columns(
                        sku=pl.lit(sku), gtin=pl.lit(f"0407777{near:d}{k:05d}0"), product_name=pl.lit(f"New item {k}"),
                        updated_ts=pl.lit(int(end[k]), dtype=pl.Int64),
                    ))  # fmt: skip
                keys.append(f"inventory_movement|{sku}|{location['location_id'][place]}")
            text = "an item that the master got in time" if near else "units of an item that no master has"
            self._tell("E38", keys, near, begin, end, self.writer.covering("product", begin), text)
        return {"product": pl.concat(items), "inventory_movement": pl.concat(rows)} if items else {}


def _counted(number: int, place: int, sku: int, units: int, ts: int) -> pl.DataFrame:
    none, zero = pl.Series([None], dtype=pl.Int64), np.zeros(1)
    return pl.DataFrame({
        "movement_id": [number], "location_id": [place], "sku": [sku],
        "movement_type": code(zero + COUNT, MOVES), "quantity": [units], "state_code": code(zero, STATES),
        "unit_cost_amount": none, "currency_code": ["EUR"], "event_ts": [ts],
        "reference_type": code(zero + REF_NONE, REFERENCES), "reference_id": none.cast(pl.String),
        "reason_code": code(zero + REASONS.index("recount"), REASONS),
    })  # fmt: skip


def _listing(channel: str, name: str, sku: str | None, state: str, ts: int) -> pl.DataFrame:
    return pl.DataFrame({
        "channel_id": [channel], "listing_id": [name], "sku": pl.Series([sku], dtype=pl.String),
        "status_code": [state], "updated_ts": [ts],
    })  # fmt: skip


def _sundays(clock: Clock) -> list[int]:
    """Days of which whole masters are delivered; at least the first."""
    return [day for day in range(clock.days) if day == 0 or int(clock.weekday(np.array([day]))[0]) == 7]


__all__ = ["master_faults"]
