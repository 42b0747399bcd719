"""Closing balances of the general ledger, a day and legal entity: what is owed to the retailer, by it, and in stock.

Belongs here: gl_balance, from flows that the other parts hand over. Not here: the flows, or postings (``books``).
Cards are paid out two days after the capture, invoices of customers after fourteen, suppliers after thirty.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.books import COGS, DISCOUNT, REFUND, REVENUE, Books
from signalbox.simulate.clock import DAY
from signalbox.simulate.cols import Cols, code
from signalbox.simulate.demand import World
from signalbox.simulate.inject_ledger import BalanceFaults
from signalbox.simulate.money import cost, to_reporting
from signalbox.simulate.network import HEAD_OFFICE, LEGAL_ENTITIES, STORE
from signalbox.simulate.tills import VOID

ACCOUNTS = (
    "inventory", "receivable", "marketplace_receivable", "payable", "gift_card_liability", "cogs", "net_sales",
    "tax_payable",
)  # fmt: skip
INVENTORY, RECEIVABLE, MARKETPLACE, PAYABLE, GIFT_CARD, COST, NET_SALES, TAX = range(8)
_GIFT_OPENING, _BREAK, _BREAK_DAYS = 2_000_000, 2_500, 3
_REDEEMED, _BREAKAGE = 3, 4


class Balances:
    """Changes in cents of the reporting currency by (account, legal entity, day) of the whole run."""

    def __init__(self, world: World, books: Books, strike: BalanceFaults) -> None:
        self.world, self.books, self.strike = world, books, strike
        self.change = np.zeros((len(ACCOUNTS), len(LEGAL_ENTITIES), world.clock.days), dtype=np.int64)
        self.change[GIFT_CARD, :, 0] = _GIFT_OPENING

    def add(self, account: int, entity: np.ndarray | int, ts: np.ndarray, cents: np.ndarray) -> None:
        """Changes at instants; what lies after the last day is dropped."""
        now = np.flatnonzero(ts < self.world.clock.end_ts)
        whose = entity[now] if isinstance(entity, np.ndarray) else np.full(now.size, entity)
        day = np.maximum(self.world.clock.day(ts[now]), 0)
        np.add.at(self.change[account], (whose, day), cents[now])

    def orders(self, o: Cols, captures: Cols) -> None:
        """Captures of web orders until their payer pays out; marketplaces settle for theirs."""
        own = captures.take(o.tender[captures.at] < 3)
        wait = np.where(o.tender[own.at] == 2, 14 * DAY, 2 * DAY)
        amount = to_reporting(own.amount, o.rate[own.at])
        self.add(RECEIVABLE, HEAD_OFFICE, own.ts, amount)
        self.add(RECEIVABLE, HEAD_OFFICE, own.ts + wait, -amount)

    def tills(self, t: Cols, pays: Cols) -> None:
        """Cards and wallets at tills until they are paid out."""
        some = pays.take(((pays.tender == 1) | (pays.tender == 2)) & (t.kind[pays.at] != VOID))
        entity = self.world.net.entity[t.store[some.at]]
        self.add(RECEIVABLE, entity, t.ts[some.at], some.amount)
        self.add(RECEIVABLE, entity, t.ts[some.at] + 2 * DAY, -some.amount)

    def gift_cards(self, g: Cols) -> None:
        """The liability by every card movement."""
        lowers = (g.kind == _REDEEMED) | (g.kind == _BREAKAGE)
        self.add(GIFT_CARD, g.entity, g.ts, np.where(lowers, -g.cents, g.cents))

    def statements(self, heads: Cols, body: Cols) -> None:
        """What marketplaces owe: lines when posted, less payouts."""
        self.add(MARKETPLACE, HEAD_OFFICE, body.posted, to_reporting(body.amount, body.rate))
        paid = self.world.clock.utc(heads.paid, np.full(heads.channel.size, 9 * 3600))
        self.add(MARKETPLACE, HEAD_OFFICE, paid, -to_reporting(heads.payout, heads.rate))

    def purchases(self, x: Cols) -> None:
        """Supplier invoices until they are paid."""
        amount = cost(x.qty, x.price)
        self.add(PAYABLE, HEAD_OFFICE, x.invoiced, amount)
        self.add(PAYABLE, HEAD_OFFICE, x.invoiced + 30 * DAY, -amount)

    def stock(self, rows: Cols) -> None:
        """Stock at the cost of each movement's day; drop-ship stock is the suppliers'."""
        net = self.world.net
        own = rows.take(net.kind[rows.loc] != 3)
        day = self.world.clock.day(own.ts)
        value = np.sign(own.qty) * cost(np.abs(own.qty), self.world.cat.unit_cost(own.sku, day))
        entity = np.where(net.kind[own.loc] == STORE, net.entity[own.loc], HEAD_OFFICE)
        self.add(INVENTORY, entity, own.ts, value)

    def frame(self, first: int, end: int) -> pl.DataFrame:
        """gl_balance of the days ``first`` to ``end - 1``; three days miss a movement of a gift card."""
        clock, total = self.world.clock, self.books.total
        closing = np.cumsum(self.change, axis=2)[:, :, first:end]
        closing[COST] = -total[COGS].sum(axis=0)[:, first:end]
        closing[NET_SALES] = total[[REVENUE, DISCOUNT, REFUND]].sum(axis=(0, 1))[:, first:end]
        broken = clock.days // 2 + np.arange(_BREAK_DAYS * self.world.scale.mishaps)
        broken = broken[(broken >= first) & (broken < end)] - first
        closing[GIFT_CARD, HEAD_OFFICE, broken] -= _BREAK
        self.strike.gift_cards(closing[GIFT_CARD], HEAD_OFFICE, broken, first, end)
        account, entity, day = (axis.ravel() for axis in np.indices((TAX, len(LEGAL_ENTITIES), end - first)))
        n = day.size
        return pl.DataFrame({
            "legal_entity_id": code(entity, LEGAL_ENTITIES), "account_code": code(account, ACCOUNTS),
            "balance_date": clock.epoch_day(day + first), "closing_amount": closing[account, entity, day],
            "currency_code": pl.repeat("EUR", n, dtype=pl.String, eager=True),
            "updated_ts": clock.utc(day + first, np.full(n, 24 * 3600 - 30)),
        })  # fmt: skip
