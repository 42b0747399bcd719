"""What the back office records: counts, holds, gift cards, points, claims, checks, sign-offs, handling time, balances.

Belongs here: small feeds that follow from orders, stock and purchases that are simulated already. Not here: those
themselves, or what is planned ahead (``planning``).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from signalbox.simulate.catalogue import supplier_name
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join, nullify, same
from signalbox.simulate.demand import World
from signalbox.simulate.emit_orders import external_key
from signalbox.simulate.fulfil import FRAUD, HOLD, NEVER
from signalbox.simulate.inject_holds import KINDS
from signalbox.simulate.network import CHANNELS, HEAD_OFFICE, LEGAL_ENTITIES, MKT_A, MKT_B, STORE
from signalbox.simulate.rand import lognormal
from signalbox.simulate.tills import CARD, VOID

STREAMS = ("sales", "tax", "gift_card", "tender", "settlement", "refund", "discount", "stock_to_ledger")
STEPS = ("receive", "putaway", "pick", "pack", "transfer_out", "transfer_in", "return", "count")
RULES = ("label", "asn", "routing", "window", "quantity")
WEIGHTS = np.array([10_000, 20_000, 10_000, 20_000, 30_000])
GIFT = ("sold", "refunded", "goodwill", "redeemed", "breakage", "adjustment")
_NONE = pl.lit(None, dtype=pl.Int64)


def holds(o: Cols) -> pl.DataFrame:
    """order_hold: placed, and again when it ends."""
    held = np.flatnonzero((o.fate == HOLD) | (o.fate == FRAUD))
    n = held.size
    placed = pl.DataFrame(
        {
            "hold_id": o.no[held],
            "order_id": o.no[held],
            "hold_type": code(o.hold_kind[held], KINDS),
            "placed_ts": o.hold[held],
            "released_ts": pl.Series([None] * n, dtype=pl.Int64),
            "result_code": code(np.full(n, -1), ("released", "cancelled")),
            "version_no": np.ones(n, dtype=np.int64),
            "updated_ts": o.hold[held],
        }
    )
    ended = placed.with_columns(
        released_ts=pl.Series(o.unhold[held]),
        version_no=pl.lit(2, dtype=pl.Int64),
        updated_ts=pl.Series(o.unhold[held]),
        result_code=code((o.fate[held] == FRAUD).astype(np.int64), ("released", "cancelled")),
    )
    return pl.concat([placed, ended])


def customers(world: World, o: Cols, first: int) -> pl.DataFrame:
    """customer: those who order in the days, with the tier that their number gives them; written again every time."""
    who = np.unique(o.customer)
    tier = np.select([who % 50 == 0, who % 9 == 0], [2, 1], 0)
    at = np.full(who.size, world.clock.midnight(first) + 2 * HOUR)
    created = world.clock.start_ts - (who % 700 + 3) * DAY
    return pl.DataFrame(
        {
            "customer_id": who,
            "tier_code": code(tier, ("standard", "silver", "gold")),
            "has_consent": who % 4 != 0,
            "created_ts": created,
            "updated_ts": at,
            "_deliver": at,
        }
    )


def counts(world: World, shots: pl.DataFrame, first: int, strike: Callable[[Cols], None]) -> dict[str, pl.DataFrame]:
    """cycle_count and count_plan: on each working day some pairs that the system of record reports are counted.

    The book is the snapshot's; one count in twelve differs, half of those are counted again. ``strike`` may change the
    first counts.
    """
    rng, clock = world.rng("counts", first), world.clock
    width = world.cat.sku.size
    rows = shots.filter(pl.col("system_code").is_in(["pos", "wms", "3pl"]))
    per_day = max(4, world.net.stores // 4)
    book = rows.select("location_id", "sku", "snapshot_ts", "on_hand_qty", "reserved_qty").to_dict(as_series=True)
    ts = book["snapshot_ts"].to_numpy()
    _, starts = np.unique(ts, return_index=True)
    sizes = np.diff(np.r_[starts, ts.size])
    picks = [
        start + rng.choice(size, min(per_day, size), replace=False) for start, size in zip(starts, sizes, strict=True)
    ]
    at = np.concatenate(picks) if picks else np.zeros(0, dtype=np.int64)
    n = at.size
    c = Cols(
        loc=book["location_id"].to_numpy()[at],
        sku=book["sku"].to_numpy()[at],
        ts=ts[at] + 600,
        book=book["on_hand_qty"].to_numpy()[at],
    )
    wrong = rng.random(n) < world.scale.odds(1 / 12)
    off = np.where(wrong, rng.choice([-3, -2, -1, -1, -1, 1, 1, 2], n), 0)
    counted = np.maximum(c.book + off, 0)
    day = clock.day(c.ts)
    number = (day + 1000) * 100_000_000 + c.loc * width + c.sku
    again = np.flatnonzero(wrong & (rng.random(n) < 0.5))
    step = np.where(wrong & (rng.random(n) < 0.7), rng.integers(0, len(STEPS), n), -1)
    made = Cols(
        number=number * 10 + 1,
        loc=c.loc,
        sku=c.sku,
        no=np.ones(n, dtype=np.int64),
        ts=c.ts,
        book=c.book,
        got=counted,
        step=step,
    )
    made.signed = np.ones(n, dtype=bool)
    strike(made)
    redo = made.take(again)
    redo.number, redo.no, redo.ts = redo.number + 1, redo.no + 1, redo.ts + 1500
    every = join([made, redo])
    m = every.size
    frame = every.frame(
        count_id="number",
        location_id="loc",
        sku="sku",
        count_no="no",
        count_ts="ts",
        book_qty="book",
        counted_qty="got",
        process_step=code(every.step, STEPS),
        approved_ts=nullify(every.ts + 5 * HOUR, (every.got == every.book) | ~every.signed),
        version_no=np.ones(m, dtype=np.int64),
        updated_ts=every.ts + 60,
    )
    missed = rng.random(n) < world.scale.odds(0.04)  # due and not counted: another item of the same place
    plan = pl.DataFrame(
        {
            "location_id": c.loc,
            "sku": np.where(missed, (c.sku + 1) % width, c.sku),
            "due_date": clock.epoch_day(day),
            "updated_ts": clock.utc(day - 1, np.full(n, 15 * HOUR)),
        }
    ).unique(["location_id", "sku", "due_date"], keep="first", maintain_order=True)
    return {"cycle_count": frame, "count_plan": plan}


def gift_cards(world: World, t: Cols, pays: Cols, first: int, end: int) -> Cols:
    """Movements of the liability of each entity: sold and redeemed at tills, now and then goodwill and breakage.

    One redemption in 250 is not recorded.
    """
    rng, clock = world.rng("gift cards", first), world.clock
    some = np.flatnonzero(rng.random(t.size) < 0.02)
    used = np.flatnonzero((pays.tender == CARD) & (t.kind[pays.at] != VOID) & (pays.amount > 0))
    used = used[rng.random(used.size) >= world.scale.odds(0.004)]
    sold = Cols(
        kind=np.zeros(some.size, dtype=np.int64),
        cents=rng.choice([1000, 2500, 5000, 10_000], some.size),
        ts=t.ts[some] + 5,
        entity=world.net.entity[t.store[some]],
        till=t.no[some],
    )
    redeemed = Cols(
        kind=np.full(used.size, 3),
        cents=pays.amount[used],
        ts=t.ts[pays.at[used]] + 5,
        entity=world.net.entity[t.store[pays.at[used]]],
        till=t.no[pays.at[used]],
    )
    days = np.arange(first, end)
    spare = Cols(
        kind=rng.choice([1, 2, 2, 4], days.size),
        cents=rng.integers(5, 60, days.size) * 100,
        ts=clock.utc(days, np.full(days.size, 16 * HOUR)),
        entity=np.zeros(days.size, dtype=np.int64),
        till=np.full(days.size, -1),
    )
    moved = join([sold, redeemed, spare])
    moved.entity = np.minimum(moved.entity, len(LEGAL_ENTITIES) - 1)
    return moved


def gift_frame(g: Cols, first: int) -> pl.DataFrame:
    n = g.size
    return g.frame(
        gift_card_transaction_id=(first + 1000) * 10_000_000 + np.arange(n),
        card_id=pl.Series((g.ts % 900_000_000).astype(str)),
        legal_entity_id=code(g.entity, LEGAL_ENTITIES),
        transaction_type=code(g.kind, GIFT),
        amount="cents",
        currency_code=same("EUR", n),
        order_id=pl.Series([None] * n, dtype=pl.Int64),
        transaction_id=pl.Series(g.till).replace(-1, None),
        event_ts="ts",
    )


def loyalty(o: Cols) -> pl.DataFrame:
    """Points: one a euro of an order of a silver or gold customer, and some redeemed."""
    member = np.flatnonzero((o.customer % 9 == 0) & (o.dead_ts >= NEVER))
    n = member.size
    spent = member[o.no[member] % 5 == 0]
    m = spent.size
    earned = pl.DataFrame(
        {
            "loyalty_event_id": o.no[member] * 10 + 1,
            "customer_id": o.customer[member],
            "event_type": code(np.zeros(n), ("earned", "redeemed", "expired", "adjusted")),
            "points": o.total[member] // 100,
            "amount": pl.Series([None] * n, dtype=pl.Int64),
            "currency_code": pl.Series([None] * n, dtype=pl.String),
            "order_id": o.no[member],
            "transaction_id": pl.Series([None] * n, dtype=pl.Int64),
            "event_ts": o.ts[member] + 60,
        }
    )
    used = pl.DataFrame(
        {
            "loyalty_event_id": o.no[spent] * 10 + 2,
            "customer_id": o.customer[spent],
            "event_type": code(np.ones(m), ("earned", "redeemed", "expired", "adjusted")),
            "points": np.full(m, -200),
            "amount": np.full(m, 200),
            "currency_code": same("EUR", m),
            "order_id": o.no[spent],
            "transaction_id": pl.Series([None] * m, dtype=pl.Int64),
            "event_ts": o.ts[spent] + 30,
        }
    )
    return pl.concat([earned, used])


def marketplace_claims(world: World, o: Cols, first: int) -> pl.DataFrame:
    """One marketplace order in 250 is followed by feedback, a claim or a chargeback; a third are upheld."""
    rng = world.rng("marketplace claims", first)
    market = (o.channel == MKT_A) | (o.channel == MKT_B)
    some = np.flatnonzero(market & (rng.random(o.size) < world.scale.odds(0.004)) & (o.dead_ts >= NEVER))
    n = some.size
    opened = o.ts[some] + lognormal(rng, 9 * DAY, 0.4, n).astype(np.int64)
    base = pl.DataFrame(
        {
            "claim_id": o.no[some] * 10 + 3,
            "channel_id": code(o.channel[some], CHANNELS),
            "external_order_key": external_key(o.channel[some], o.no[some]),
            "claim_type": code(rng.choice(3, n, p=[0.4, 0.15, 0.45]), ("claim", "chargeback", "negative_feedback")),
            "is_upheld": pl.Series([None] * n, dtype=pl.Boolean),
            "opened_ts": opened,
            "closed_ts": pl.Series([None] * n, dtype=pl.Int64),
            "version_no": np.ones(n, dtype=np.int64),
            "updated_ts": opened,
        }
    )
    closed = opened + 4 * DAY
    done = base.with_columns(
        is_upheld=pl.Series(rng.random(n) < 0.33),
        closed_ts=pl.Series(closed),
        version_no=pl.lit(2, dtype=pl.Int64),
        updated_ts=pl.Series(closed),
    )
    return pl.concat([base, done])


def supplier_checks(world: World, x: Cols, first: int) -> pl.DataFrame:
    """vendor_compliance_event: five rules a purchase order at its first receipt."""
    rng = world.rng("compliance", first)
    h = x.take(x.is_head)
    rule = np.tile(np.arange(len(RULES)), h.size)
    at = np.repeat(np.arange(h.size), len(RULES))
    n = at.size
    return pl.DataFrame(
        {
            "check_id": h.no[at] * 10 + rule,
            "supplier_id": pl.Series(supplier_name(h.supplier[at])),
            "location_id": h.loc[at],
            "po_id": h.no[at],
            "rule_code": code(rule, RULES),
            "weight": WEIGHTS[rule],
            "is_passed": rng.random(n) > world.scale.odds(0.02 + 0.05 * (h.supplier[at] % 7 == 3)),
            "checked_ts": h.receipt[at] + 900,
        }
    )


def supplier_claims(world: World, r: Cols, first: int) -> pl.DataFrame:
    """Units sent back to the supplier are claimed at cost; nine in ten are credited, after some weeks."""
    rng = world.rng("supplier claims", first)
    some = np.flatnonzero((r.disposed < NEVER) & (r.disposition == 4))
    n = some.size
    day = world.clock.day(np.minimum(r.disposed[some], world.clock.end_ts))
    cents = r.qty[some] * world.cat.unit_cost(r.sku[some], day) // 100
    asked = r.disposed[some] + DAY
    base = pl.DataFrame(
        {
            "claim_id": r.no[some] * 10 + 4,
            "supplier_id": pl.Series(supplier_name(world.cat.supplier[r.sku[some]])),
            "claim_type": code(np.zeros(n), ("return_to_vendor", "damage", "shortage", "compliance")),
            "return_id": r.no[some],
            "return_line_no": np.ones(n, dtype=np.int64),
            "po_id": pl.Series([None] * n, dtype=pl.Int64),
            "amount": cents,
            "credited_amount": pl.Series([None] * n, dtype=pl.Int64),
            "currency_code": same("EUR", n),
            "claimed_ts": asked,
            "credited_ts": pl.Series([None] * n, dtype=pl.Int64),
            "status_code": code(np.zeros(n), ("open", "credited", "rejected")),
            "version_no": np.ones(n, dtype=np.int64),
            "updated_ts": asked,
        }
    )
    good = rng.random(n) < 1 - world.scale.odds(0.1)
    end = asked + lognormal(rng, 18 * DAY, world.scale.spread(0.3), n).astype(np.int64)
    done = base.with_columns(
        credited_amount=nullify(cents, ~good),
        credited_ts=nullify(end, ~good),
        status_code=code(np.where(good, 1, 2), ("open", "credited", "rejected")),
        version_no=pl.lit(2, dtype=pl.Int64),
        updated_ts=pl.Series(end),
    )
    return pl.concat([base, done])


def proposals(world: World, x: Cols, moved: Cols, first: int) -> pl.DataFrame:
    """replenishment_proposal: what led to purchase-order lines and transfers; one purchase in twelve had none."""
    rng = world.rng("proposals", first)
    asked = np.flatnonzero(rng.random(x.size) > world.scale.odds(1 / 12))
    some = np.flatnonzero(rng.random(moved.size) < 0.25)
    none = np.full(asked.size, -1)
    bought = Cols(
        number=(x.no * 1000 + x.line)[asked] * 10 + 1,
        loc=x.loc[asked],
        sku=x.sku[asked],
        kind=np.zeros(asked.size, dtype=np.int64),
        qty=(x.qty - x.beyond)[asked],
        need=world.clock.epoch_day(x.requested[asked]).astype(np.int64),
        ts=x.sent[asked] - 20 * HOUR,
        decided=x.sent[asked] - HOUR,
        po=x.no[asked],
        line=x.line[asked],
        tr=none,
    )
    sent = Cols(
        number=(moved.no * 1000 + moved.line)[some] * 10 + 2,
        loc=moved.loc[some],
        sku=moved.sku[some],
        kind=np.ones(some.size, dtype=np.int64),
        qty=moved.qty[some],
        need=world.clock.epoch_day(moved.day[some] + 1).astype(np.int64),
        ts=moved.created[some] - 3 * HOUR,
        decided=moved.created[some] - HOUR,
        po=np.full(some.size, -1),
        line=np.full(some.size, -1),
        tr=moved.no[some],
    )
    p = join([bought, sent])
    return proposal_frame(p, np.where(rng.random(p.size) < 0.1, 2, 1))


def proposal_frame(p: Cols, decision: np.ndarray) -> pl.DataFrame:
    """replenishment_proposal in two versions: made, and decided (1 accepted, 2 changed)."""
    n = p.size
    base = p.frame(
        proposal_id="number",
        sku="sku",
        location_id="loc",
        proposal_type=code(p.kind, ("purchase", "transfer")),
        proposed_qty="qty",
        order_up_to_qty=p.qty * 2 + 4,
        reorder_point_qty=p.qty // 2 + 2,
        need_by_date=pl.Series(p.need).cast(pl.Int32),
        created_ts="ts",
        decided_ts=pl.Series([None] * n, dtype=pl.Int64),
        decision_code=code(np.zeros(n), ("open", "accepted", "changed", "rejected")),
        po_id=pl.Series([None] * n, dtype=pl.Int64),
        po_line_no=pl.Series([None] * n, dtype=pl.Int64),
        transfer_id=pl.Series([None] * n, dtype=pl.Int64),
        version_no=np.ones(n, dtype=np.int64),
        updated_ts="ts",
    )
    done = base.with_columns(
        decided_ts=pl.Series(p.decided),
        decision_code=code(decision, ("open", "accepted", "changed", "rejected")),
        po_id=pl.Series(p.po).replace(-1, None),
        po_line_no=pl.Series(p.line).replace(-1, None),
        transfer_id=pl.Series(p.tr).replace(-1, None),
        version_no=pl.lit(2, dtype=pl.Int64),
        updated_ts=pl.Series(p.decided),
    )
    return pl.concat([base, done])


def work(world: World, o: Cols, first: int) -> pl.DataFrame:
    """work_log: minutes that people spend on reconciliation items of one order in forty."""
    rng = world.rng("work", first)
    some = np.flatnonzero((rng.random(o.size) < 0.025) & (o.dead_ts >= NEVER))
    n = some.size
    stream = rng.integers(0, len(STREAMS), n)
    begin = world.clock.utc(world.clock.day(o.ts[some]) + 3, rng.integers(8 * HOUR, 17 * HOUR, n))
    return pl.DataFrame(
        {
            "work_id": o.no[some] * 10 + 5,
            "stream_code": code(stream, STREAMS),
            "item_id": o.no[some].astype(str),
            "order_id": o.no[some],
            "actor_id": np.char.add("clerk", (o.no[some] % 6).astype(str)),
            "started_ts": begin,
            "ended_ts": begin + lognormal(rng, 240, 0.8, n).astype(np.int64) + 30,
        }
    )


def sign_offs(world: World) -> pl.DataFrame:
    """sign_off: each month that ends in the run is signed stream by stream in the eight working days after."""
    clock, rng = world.clock, world.rng("sign off")
    ends = [day for day in range(clock.days) if clock.date(day + 1).day == 1]
    parts = []
    for day in ends:
        period = clock.date(day).strftime("%Y-%m")
        for entity in range(len(LEGAL_ENTITIES)):
            n = len(STREAMS)
            steps = rng.integers(1, 9, n) // (2 if world.scale.is_calm else 1)
            done = clock.utc(clock.add_workdays(np.full(n, day), steps), rng.integers(9 * HOUR, 17 * HOUR, n))
            begun = clock.utc(np.full(n, day + 1), np.full(n, 8 * HOUR))
            for version, state, ts in (
                (1, np.zeros(n), begun - 3600),
                (2, np.ones(n), begun),
                (3, np.where(rng.random(n) < 0.1, 3, 2), done - 7200),
                (4, np.full(n, 4), done),
            ):
                parts.append(
                    pl.DataFrame(
                        {
                            "stream_code": list(STREAMS),
                            "legal_entity_id": same(LEGAL_ENTITIES[entity], n),
                            "fiscal_period": same(period, n),
                            "state_code": code(
                                state,
                                ("not_started", "in_progress", "cleared", "cleared_with_exceptions", "signed_off"),
                            ),
                            "signed_by": pl.Series(["controller" if version == 4 else None] * n, dtype=pl.String),
                            "signed_ts": pl.Series(ts if version == 4 else [None] * n, dtype=pl.Int64),
                            "version_no": np.full(n, version),
                            "updated_ts": ts,
                        }
                    )
                )
    return pl.concat(parts) if parts else pl.DataFrame()


__all__ = ["DAY", "HEAD_OFFICE", "STORE", "counts", "customers", "holds"]
