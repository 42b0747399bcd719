"""Marketplace statements: what is posted, withheld, paid out and received by the bank.

Belongs here: settlements with their lines, the fee schedule, bank deposits. Not here: the ledger.

A statement covers Monday to Sunday, closes on Monday at 03:00 and is paid on the third working day after. Lines of an
order line, posted within minutes of its shipment: principal (gross ex tax), discount (- discount ex tax), tax (where
the retailer remits it: mkt_a), fee (referral: - round(principal x rate) - fixed). Shipping and its tax have no order
line number; they are posted whole with the order's first shipment. A refund is one negative line, tax included where
the retailer remits it. 4 % of the principal is held and released with the next statement; storage and advertising
fees belong to no order and take the exchange rate of the day on which they are posted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from signalbox.simulate.catalogue import CATEGORIES
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join, nullify
from signalbox.simulate.demand import World
from signalbox.simulate.emit_orders import external_key
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.money import div
from signalbox.simulate.network import CHANNELS, CURRENCIES, MKT_A, MKT_B

if TYPE_CHECKING:
    from signalbox.simulate.inject_money import StatementFaults

LINE_TYPES = (
    "principal",
    "shipping",
    "tax",
    "discount",
    "refund",
    "fee",
    "reserve_held",
    "reserve_released",
    "adjustment",
)
PRINCIPAL, SHIPPING, TAX, DISCOUNT, REFUND, FEE, HELD, RELEASED, ADJUSTMENT = range(9)
FEE_TYPES = ("referral", "fulfilment", "storage", "advertising")
FIXED = 25


def referral_bp(channel: np.ndarray, category: np.ndarray) -> np.ndarray:
    """Referral fee in basis points."""
    return np.where(channel == MKT_A, 1200, 1300) + 100 * (category % 3) - 500 * (category == 4)


def fee_frame(world: World) -> pl.DataFrame:
    """fee_schedule: referral by category; storage and advertising are charged as they fall."""
    channel = np.repeat([MKT_A, MKT_B], len(CATEGORIES))
    category = np.tile(np.arange(len(CATEGORIES)), 2)
    n = channel.size
    return pl.DataFrame({
        "channel_id": code(channel, CHANNELS), "fee_type": ["referral"] * n,
        "category_code": [CATEGORIES[c][0] for c in category],
        "valid_from": np.full(n, int(world.clock.epoch_day(np.array([-300]))[0]), dtype=np.int32),
        "rate_share": referral_bp(channel, category) * 100, "fixed_amount": np.full(n, FIXED),
        "currency_code": [CURRENCIES[c] for c in channel], "updated_ts": [world.clock.start_ts - 90 * DAY] * n,
    })  # fmt: skip


def of_sales(world: World, o: Cols, lines: Cols, g: Cols, d: Cols) -> Cols:
    """Statement lines of what was shipped for the marketplaces. ``order`` = header's number, ``line`` = 0 if none."""
    m = g.take(np.isin(o.channel[g.at], (MKT_A, MKT_B)))
    channel, line = o.channel[m.at], lines.line[m.li]
    principal = m.paid_ex + m.discount_ex
    fee = -(div(principal * referral_bp(channel, world.cat.category[lines.sku[m.li]]), 10_000) + FIXED)
    tax = np.where(channel == MKT_A, m.tax, 0)
    posted = m.ts + 60 + o.no[m.at] % 1200
    parts = [(PRINCIPAL, -1, principal), (DISCOUNT, -1, -m.discount_ex), (TAX, -1, tax), (FEE, 0, fee)]
    rows = [_rows(m.at, o, line, kind, fee_type, amount, posted) for kind, fee_type, amount in parts]
    c = d.take((d.shipping > 0) & np.isin(o.channel[d.at], (MKT_A, MKT_B)))
    none, when = np.zeros(c.no.size, dtype=np.int64), c.ts + 60 + o.no[c.at] % 1200
    remitted = np.where(o.channel[c.at] == MKT_A, c.shipping_tax, 0)
    rows.append(_rows(c.at, o, none, SHIPPING, -1, c.shipping - c.shipping_tax, when))
    rows.append(_rows(c.at, o, none, TAX, -1, remitted, when))
    every = join(rows)
    return every.take(every.amount != 0)


def of_refunds(o: Cols, r: Cols) -> Cols:
    """Statement lines of refunds of marketplace orders."""
    m = r.take((r.refunded < NEVER) & np.isin(r.channel, (MKT_A, MKT_B)))
    amount = -np.where(m.channel == MKT_A, m.amount, m.amount - m.tax)
    return _rows(m.at, o, m.line, REFUND, -1, amount, m.refunded + 300)


def _rows(
    at: np.ndarray, o: Cols, line: np.ndarray, kind: int, fee: int, amount: np.ndarray, posted: np.ndarray
) -> Cols:
    n = at.size
    return Cols(
        channel=o.channel[at], order=o.no[at], line=line, kind=np.full(n, kind), fee=np.full(n, fee), amount=amount,
        posted=posted,
        rate=o.rate[at],
    )  # fmt: skip


class Statements:
    """Closes a statement a marketplace and week; keeps what is posted later and what was withheld."""

    def __init__(self, world: World, strike: StatementFaults) -> None:
        self.world, self.strike = world, strike
        self.open: list[Cols] = []
        self.held = {MKT_A: 0, MKT_B: 0}

    def close(self, new: list[Cols], rates: np.ndarray, first: int, end: int) -> tuple[Cols, Cols]:
        """Statements that close on days ``first``..``end - 1`` and their lines in order."""
        clock = self.world.clock
        rows = join([*self.open, *new])
        heads, bodies = [], []
        for monday in range(first, end):
            if int(clock.weekday(np.array([monday]))[0]) != 1 or monday == 0:
                continue
            covered = rows.posted < clock.midnight(monday)
            taken, rows = rows.take(covered), rows.take(~covered)
            for channel in (MKT_A, MKT_B):
                head, body = self._statement(taken.take(taken.channel == channel), channel, monday, rates)
                heads.append(head)
                bodies.append(body)
        self.open = [rows]
        empty = self._statement(
            rows.take(np.zeros(rows.channel.size, dtype=bool)), MKT_A, max(first, 1), rates, dry=True
        )
        closed = join([*heads, empty[0].take(slice(0, 0))])
        self.strike.deposits(closed, first, end)
        return closed, join([*bodies, empty[1].take(slice(0, 0))])

    def _statement(
        self, body: Cols, channel: int, monday: int, rates: np.ndarray, dry: bool = False
    ) -> tuple[Cols, Cols]:
        clock = self.world.clock
        if not dry:
            body = self.strike.lines(body, monday, clock.midnight(monday))
        principal = int(body.amount[body.kind == PRINCIPAL].sum())
        held = principal * 4 // 100
        last = clock.midnight(monday) - 2 * HOUR
        rate = int(rates[monday - 1]) if channel == MKT_B else 1_000_000
        extra = [
            (HELD, -1, -held),
            (RELEASED, -1, self.held[channel]),
            (FEE, 2, -1500 - principal // 400),
            (FEE, 3, -2500 - principal // 250),
        ]
        if not dry:
            self.held[channel] = held
        k = len(extra)
        more = Cols(
            channel=np.full(k, channel), order=np.full(k, -1), line=np.zeros(k, dtype=np.int64),
            kind=np.array([e[0] for e in extra]),
            fee=np.array([e[1] for e in extra]), amount=np.array([e[2] for e in extra]), posted=np.full(k, last),
            rate=np.full(k, rate),
        )  # fmt: skip
        body = join(
            [body.take(np.lexsort((body.kind, body.line, body.order, body.posted))), more.take(more.amount != 0)]
        )
        body.monday = np.full(body.channel.size, monday)
        body.no = np.arange(body.channel.size) + 1
        if not dry:
            self.strike.numbered(body, monday)
        due = clock.add_workdays(np.array([monday]), np.array([3]))
        head = Cols(
            channel=np.array([channel]), monday=np.array([monday]), due=due,
            payout=np.array([int(body.amount.sum())]), paid=due,
            rate=np.array([rate]),
        )  # fmt: skip
        return head, body


def settlement_id(channel: np.ndarray, monday: np.ndarray) -> pl.Series:
    return code(channel, ("STW-", "STA-", "STB-", "STS-")).cast(pl.String) + pl.Series(1000 + np.asarray(monday)).cast(
        pl.String
    )


def frames(world: World, heads: Cols, body: Cols, keys: pl.Series) -> dict[str, pl.DataFrame]:
    """settlement, settlement_line and bank_deposit. ``keys`` are the lines' external order keys."""
    clock, n = world.clock, heads.channel.size
    closed = clock.utc(heads.monday, np.full(n, 3 * HOUR))
    days = clock.epoch_day
    settlement = heads.frame(
        settlement_id=settlement_id(heads.channel, heads.monday), channel_id=code(heads.channel, CHANNELS),
        period_start_date=days(np.maximum(heads.monday - 7, 0)), period_end_date=days(heads.monday - 1),
        payout_due_date=days(heads.due),
        payout_amount="payout", currency_code=_money(heads.channel), closed_ts=closed,
    )  # fmt: skip
    line = body.frame(
        settlement_id=settlement_id(body.channel, body.monday), line_no="no", external_order_key=keys,
        order_line_no=nullify(body.line, body.line == 0), line_type=code(body.kind, LINE_TYPES),
        fee_type=code(body.fee, FEE_TYPES),
        amount="amount", currency_code=_money(body.channel), posted_ts="posted",
        _deliver=clock.utc(body.monday, np.full(body.channel.size, 3 * HOUR)),
    )  # fmt: skip
    value = clock.utc(heads.paid, 9 * HOUR + heads.channel * 600)
    deposit = heads.frame(
        deposit_id=820_000_000 + heads.monday * 10 + heads.channel,
        reference=settlement_id(heads.channel, heads.monday), amount="payout",
        currency_code=_money(heads.channel), deposit_ts=value,
    )  # fmt: skip
    return {"settlement": settlement, "settlement_line": line, "bank_deposit": deposit}


def _money(channel: np.ndarray) -> pl.Series:
    return code((channel == MKT_B).astype(np.int64), ("EUR", "GBP"))


def order_keys(body: Cols) -> pl.Series:
    """External order keys of statement lines; null for what has no order."""
    return nullify(external_key(body.channel, np.maximum(body.order, 0)), body.order < 0)
