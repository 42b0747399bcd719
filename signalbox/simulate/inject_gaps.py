"""Faults of what should stand against something else: documents that the ledger's totals lack, tenders and credit memos
that are missing, short or late.

Belongs here: E59a, E59b, E60a. Not here: postings that are there twice or in the wrong month (``inject_ledger``).
Sums tell how much a day lacks and not of whom, so that what is cut off are always the last documents of a day.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.books import ACCOUNTS, DISCOUNT, REFUND, REVENUE
from signalbox.simulate.catalogue import promo_name
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, join, same
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.inject_money import business_deadline
from signalbox.simulate.money import to_reporting
from signalbox.simulate.network import CHANNELS, HEAD_OFFICE, LEGAL_ENTITIES, SHOP
from signalbox.simulate.returns import ACCEPTED
from signalbox.simulate.tills import CARD, SALE
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth
from signalbox.simulate.writer import Writer

BY_HAND = 700_000_000  # number of the first journal that somebody posts for a document
POSTED = 24 * HOUR
CLEARED, MATCHED = 10, 5  # business days
STEP = {REVENUE: "gross_sales", REFUND: "refund"}


class Gaps:
    """Strikes the postings of a slice; ``events`` are its documents by account, channel and day."""

    def __init__(self, world: World, plan: Plan, truth: Truth, writer: Writer) -> None:
        self.world, self.plan, self.truth, self.writer = world, plan, truth, writer
        self.codes = [code for code in ("E59a", "E60a") if plan.count.get(code)]

    def postings(
        self, posted: pl.DataFrame, o: Cols, lines: Cols, g: Cols, t: Cols, sold: Cols, back: Cols, first: int, end: int
    ) -> pl.DataFrame:
        """gl_posting without what its totals lack, and with the journals that make up for some of it."""
        if not self.codes or posted.height == 0:
            return posted
        events = _events(self.world, o, lines, g, t, sold, back)
        events = events.filter(pl.col("day").is_between(first, end - 1))
        cut = [*self._cut_off(events, first, end), *self._uncleared(events, first, end)]
        return _without(self.world, posted, pl.concat(cut), first) if cut else posted

    def _cut_off(self, events: pl.DataFrame, first: int, end: int) -> list[pl.DataFrame]:
        """E60a: the last documents of a day come after its total was drawn, or a day's total fails altogether.

        Some are posted by hand days later, others never, which leaves their sales open for the matching, too (E59b).
        Near misses are posted by hand within a day.
        """
        clock = self.world.clock
        sized = events.filter(pl.col("account").is_in(list(STEP)) & (pl.col("day") < clock.days - 4))
        cells = sized.group_by("account", "channel", "day").len().filter(pl.col("len") > 1)
        cells = cells.sort("account", "channel", "day")
        free, cut = np.arange(cells.height), []
        for near in (False, True):
            hit = self.plan.pick("E60a", first, end, free, near)
            free = np.setdiff1d(free, hit)
            rng = self.plan.stream("E60a", first, f"gap {near}")
            for i, cell in enumerate(rng.permutation(hit).tolist()):
                account, channel, day, count = cells.row(cell)
                rows = _of(events, account, channel, day)
                whole = not near and i % 3 == 2 and account == REVENUE and channel != SHOP
                rows = rows if whole else rows[: 1 if near else int(rng.integers(1, min(4, count)))]
                ts = rows["ts"].to_numpy()
                wait = rng.integers(18 * HOUR, 23 * HOUR) if near else rng.integers(26 * HOUR, 90 * HOUR)
                late = near or i % 3 == 0
                paid = np.full(ts.size, int(ts.max()) + int(wait) if late else NEVER)
                paid = np.minimum(paid, ts + POSTED - 600) if near else paid
                cut.append(rows.with_columns(journal=pl.Series(paid)))
                day_text = clock.date(day).isoformat()
                key = pl.Series([STEP[account]]) + "|" + rows["name"] + f"|{day_text}|{CHANNELS[channel]}"
                if near:
                    self.truth.add("E60a", key, NEAR_MISS, paid, paid, "posted by hand in time")
                    continue
                self.truth.add("E60a", key, INJECTED, ts + POSTED, paid, "not in the total of its day",
                               channel=pl.Series([CHANNELS[channel]] * ts.size))  # fmt: skip
                if account == REVENUE and not late:
                    self._open_sales(rows, day)
        return cut

    def _open_sales(self, rows: pl.DataFrame, day: int) -> None:
        due = business_deadline(self.world.clock, np.array([day]), MATCHED)
        entities = rows.group_by("entity").agg(pl.col("cents").sum()).filter(pl.col("cents").abs() > 100)
        for entity in entities["entity"].sort().to_list():
            if due[0] <= self.world.clock.end_ts:
                key = pl.Series([f"sales|{LEGAL_ENTITIES[entity]}|{self.world.clock.date(day).isoformat()}"])
                self.truth.add("E59b", key, INJECTED, due, np.array([NEVER]), "sales that nobody posted")

    def _uncleared(self, events: pl.DataFrame, first: int, end: int) -> list[pl.DataFrame]:
        """E59a: the ledger lacks discounts of a promotion; journals by hand come after the limit or never.

        Near misses are posted some days before it.
        """
        clock, cat = self.world.clock, self.world.cat
        given = events.filter((pl.col("account") == DISCOUNT) & (pl.col("promo") >= 0))
        ended = cat.promo_end[given["promo"].to_numpy()]
        due = business_deadline(clock, np.maximum(ended, given["day"].to_numpy()), CLEARED)
        given = given.with_columns(due=pl.Series(due)).filter(pl.col("due") < clock.end_ts - DAY)
        places = given.select("promo", "channel").unique().sort("promo", "channel")
        free, cut, taken = np.arange(places.height), [], set[tuple[int, int]]()
        told: dict[str, list[int]] = {}
        for near in (False, True):
            hit = self.plan.pick("E59a", first, end, free, near)
            free = np.setdiff1d(free, hit)
            rng = self.plan.stream("E59a", first, f"gap {near}")
            for i, place in enumerate(hit.tolist()):
                promo, channel = places.row(place)
                mine = given.filter((pl.col("promo") == promo) & (pl.col("channel") == channel))
                days = [d for d in mine["day"].unique().sort().to_list() if (channel, d) not in taken]
                if not days:
                    continue
                day = int(rng.choice(days))
                taken.add((channel, day))
                rows = _of(events, DISCOUNT, channel, day)
                at = int((rows["promo"] == promo).arg_true()[0])
                last = rows["ts"][at]
                rows = rows.filter(pl.col("ts") >= last)
                limit = int(mine.filter(pl.col("day") == day)["due"][0])
                days_off = -int(rng.integers(2, 4)) if near else int(rng.integers(1, 8))
                when = limit + days_off * DAY - 6 * HOUR
                paid = when if near or (i % 2 and when < clock.end_ts - DAY) else NEVER
                cut.append(rows.with_columns(journal=pl.lit(paid, dtype=pl.Int64)))
                self._tell(told, rows, channel, day, paid)
        self._told(told)
        return cut

    def _tell(self, told: dict[str, list[int]], rows: pl.DataFrame, channel: int, day: int, paid: int) -> None:
        """Every promotion whose discounts are cut off, from its own limit on."""
        clock, cat = self.world.clock, self.world.cat
        known = NEVER
        if paid < NEVER:
            known = int(self.writer.arrivals("gl_posting")[int(clock.day(np.array([paid]))[0])])
        for promo in rows.filter(pl.col("promo") >= 0)["promo"].unique().sort().to_list():
            due = int(business_deadline(clock, np.array([max(int(cat.promo_end[promo]), day)]), CLEARED)[0])
            key = f"{promo_name(promo)}|{CHANNELS[channel]}"
            if due > clock.end_ts:
                continue
            before = told.get(key, [due, due, 0])
            is_late = known > due
            if is_late and before[2]:
                told[key] = [min(before[0], due), max(before[1], known), 1]
            else:
                told[key] = [due, known, 1] if is_late else before

    def _told(self, told: dict[str, list[int]]) -> None:
        for key, (opened, closed, is_real) in told.items():
            self.truth.add("E59a", pl.Series([key]), INJECTED if is_real else NEAR_MISS, np.array([opened]),
                           np.array([closed]), "discounts that the ledger lacks",
                           channel=pl.Series([key.split("|")[1]]))  # fmt: skip


def _events(world: World, o: Cols, lines: Cols, g: Cols, t: Cols, sold: Cols, back: Cols) -> pl.DataFrame:
    """What a document posts to an account in a channel on a day; discounts by promotion. ``ts`` is the last moment."""
    rate, shop = o.rate[g.at], np.full(sold.at.size, SHOP)
    main, none = np.full(g.at.size, HEAD_OFFICE), np.full(g.at.size, -1)
    order = {"channel": o.channel[g.at], "entity": main, "ts": g.ts, "no": o.no[g.at], "is_test": o.is_test[g.at],
             "is_till": none > 0}  # fmt: skip
    till = {"channel": shop, "entity": world.net.entity[t.store[sold.at]], "ts": t.ts[sold.at], "no": t.no[sold.at],
            "is_test": shop < 0, "is_till": shop > 0}  # fmt: skip
    n = back.no.size
    refund = {"channel": back.channel, "entity": np.full(n, HEAD_OFFICE), "ts": back.refunded, "no": back.order,
              "is_test": np.zeros(n, dtype=bool), "is_till": np.zeros(n, dtype=bool)}  # fmt: skip
    given = to_reporting(g.discount_ex - g.funded_ex, rate) + to_reporting(g.funded_ex, rate)
    sales = to_reporting(g.paid_ex + g.discount_ex, rate)
    refunds = to_reporting(back.amount - back.tax, o.rate[back.at])
    e = join([
        _posts(REVENUE, sales, order, none), _posts(DISCOUNT, -given, order, lines.promo[g.li]),
        _posts(REVENUE, sold.paid_ex + sold.discount_ex, till, shop * 0 - 1),
        _posts(DISCOUNT, -sold.discount_ex, till, sold.promo), _posts(REFUND, -refunds, refund, np.full(n, -1)),
    ])  # fmt: skip
    e = e.take((e.ts < world.clock.end_ts) & (e.cents != 0) & ~e.is_test)
    e.day = world.clock.day(e.ts)
    frame = e.frame(**{name: name for name in e.__dict__ if name != "is_test"})
    by = ["account", "channel", "entity", "day", "no", "is_till", "promo"]
    name = pl.when("is_till").then(pl.lit("T")).otherwise(pl.lit("O")) + pl.col("no").cast(pl.String).str.zfill(9)
    return frame.group_by(by).agg(pl.col("cents").sum(), pl.col("ts").max()).with_columns(name=name)


def _posts(account: int, cents: np.ndarray, of: dict[str, np.ndarray], promo: np.ndarray) -> Cols:
    return Cols(account=np.full(cents.size, account), cents=cents, promo=promo, **of)


def _of(events: pl.DataFrame, account: int, channel: int, day: int) -> pl.DataFrame:
    """The documents of an account, channel and day, the last one first."""
    mine = (pl.col("account") == account) & (pl.col("channel") == channel) & (pl.col("day") == day)
    return events.filter(mine).sort("ts", "name", "promo", descending=True)


def _without(world: World, posted: pl.DataFrame, cut: pl.DataFrame, first: int) -> pl.DataFrame:
    """gl_posting with totals that lack the rows of ``cut``, and a journal for each of these that is posted by hand."""
    number = ((pl.col("account") * 10 + pl.col("channel")) * 10 + pl.col("entity")) * 100_000 + pl.col("day")
    lack = cut.group_by(posting_id=number).agg(lack=pl.col("cents").sum())
    rest = posted.join(lack, on="posting_id", how="left", maintain_order="left")
    rest = rest.with_columns(amount=pl.col("amount") - pl.col("lack").fill_null(0)).drop("lack")
    late = cut.filter(pl.col("journal") < world.clock.end_ts).sort("journal", "name", "account", "promo")
    n, kinds = late.height, posted.schema
    day = world.clock.day(late["journal"].to_numpy())
    account, channel, entity = (late[name].to_numpy() for name in ("account", "channel", "entity"))
    journals = pl.DataFrame({
        "posting_id": BY_HAND + first * 1000 + np.arange(n),
        "journal_id": pl.Series([f"H{first:05d}{i:04d}" for i in range(n)], dtype=pl.String),
        "legal_entity_id": pl.Series(np.array(LEGAL_ENTITIES)[entity]).cast(kinds["legal_entity_id"]),
        "account_code": pl.Series(np.array(ACCOUNTS)[account]).cast(kinds["account_code"]),
        "fiscal_period": pl.Series([world.clock.date(int(d)).strftime("%Y-%m") for d in day], dtype=pl.String),
        "channel_id": pl.Series(np.array(CHANNELS)[channel]).cast(kinds["channel_id"]),
        "source_type": pl.Series(np.where(late["is_till"].to_numpy(), "pos", "order"), dtype=pl.String),
        "source_id": late["name"], "amount": late["cents"], "currency_code": same("EUR", n),
        "posted_ts": late["journal"], "_deliver": late["journal"],
    })  # fmt: skip
    return pl.concat([rest.filter(pl.col("amount") != 0), journals])


def late_memos(world: World, plan: Plan, truth: Truth, writer: Writer, back: Cols, first: int, end: int) -> None:
    """E59b of refunds: a credit memo is written a week and more after the refund of an order."""
    count = plan.due("E59b", first, end) // 4
    if count == 0:
        return
    clock, rng = world.clock, plan.stream("E59b", first, "memos")
    day = clock.day(np.minimum(back.refunded, clock.end_ts))
    due = business_deadline(clock, np.minimum(day, clock.days), MATCHED)
    fit = (back.fate == ACCEPTED) & back.by_mail & (back.amount > 500) & (due < clock.end_ts - 4 * DAY)
    free = np.flatnonzero(fit)
    hit = np.sort(rng.choice(free, min(count, free.size), replace=False))
    hit = hit[np.unique(day[hit], return_index=True)[1]]
    issued = due[hit] + rng.integers(4 * HOUR, 60 * HOUR, hit.size)
    wait = back.memo_posted[hit] - back.memo[hit]
    back.memo[hit], back.memo_posted[hit] = issued, issued + wait
    came = writer.arrivals("customer_document_line")[clock.day(issued)]
    text = [clock.date(int(d)).isoformat() for d in day[hit]]
    key = pl.Series([f"refund|{LEGAL_ENTITIES[HEAD_OFFICE]}|{d}" for d in text], dtype=pl.String)
    known = writer.arrivals("customer_document_line")[clock.day(due[hit] - 1)]
    truth.add("E59b", key, INJECTED, due[hit], came, "credit memo long after the refund", known=known)


def tender_faults(
    world: World,
    plan: Plan,
    truth: Truth,
    writer: Writer,
    t: Cols,
    pays: Cols,
    frame: pl.DataFrame,
    first: int,
    end: int,
) -> pl.DataFrame:
    """E59b of tills: pos_tender without a tender, with one that is short, or with one that a till sends too late.

    Near misses are short by less than a euro, or sent in the last days before the limit.
    """
    nears, hits = plan.due("E59b", first, end, near=True), plan.due("E59b", first, end)
    hits -= hits // 4
    if hits + nears == 0:
        return frame
    clock, rng = world.clock, plan.stream("E59b", first, "tenders")
    day, entity = t.day[pays.at], world.net.entity[t.store[pays.at]]
    due = business_deadline(clock, day, MATCHED)
    alone = np.bincount(pays.at, minlength=t.size)[pays.at] == 1
    fit = alone & (t.kind[pays.at] == SALE) & (pays.tender != CARD) & (pays.amount > 1500)
    fit &= due < clock.end_ts - 4 * DAY
    free = rng.permutation(np.flatnonzero(fit))
    _, once = np.unique(day[free] * len(LEGAL_ENTITIES) + entity[free], return_index=True)
    some = rng.permutation(free[once])[: hits + nears]
    amount, is_there = pays.amount.copy(), np.ones(pays.at.size, dtype=bool)
    deliver = t.ts[pays.at].copy()
    closed = np.full(some.size, NEVER)
    for i, at in enumerate(some.tolist()):
        near, kind = i >= hits, (i - hits) % 2 + 1 if i >= hits else i % 3
        if kind == 0:
            is_there[at] = False
        elif kind == 1:
            off = rng.integers(2, 4) * -DAY if near else rng.integers(1, 4) * DAY
            deliver[at] = due[at] + int(off) - 8 * HOUR
            closed[i] = writer.arrivals("pos_tender")[int(clock.day(deliver[[at]])[0])]
        else:
            amount[at] -= int(rng.integers(30, 96)) if near else int(rng.integers(150, amount[at] // 2 + 200))
    names = [f"tender|{LEGAL_ENTITIES[entity[at]]}|{clock.date(int(day[at])).isoformat()}" for at in some.tolist()]
    key = pl.Series(names, dtype=pl.String)
    is_near = np.arange(some.size) >= hits
    truth.add("E59b", key, np.where(is_near, NEAR_MISS, INJECTED), due[some], np.where(is_near, due[some], closed),
              "tender missing, short or late",
              location=pl.Series(world.net.ids).gather(t.store[pays.at[some]].astype(np.uint32)),
              known=writer.arrivals("payment")[clock.day(due[some] - 1)])  # fmt: skip
    return frame.with_columns(amount=pl.Series(amount), _deliver=pl.Series(deliver)).filter(pl.Series(is_there))


__all__ = ["Gaps", "late_memos", "tender_faults"]
