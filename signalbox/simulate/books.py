"""The general ledger: daily control totals that equal the operational amounts.

Belongs here: which amount is posted to which account, day, channel and legal entity (the rules stand in ``money``),
and what suppliers owe for promotions. Not here: the amounts themselves.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.catalogue import promo_name, supplier_name
from signalbox.simulate.clock import HOUR
from signalbox.simulate.cols import Cols, code, nullify, same
from signalbox.simulate.demand import World
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.money import cost, to_reporting
from signalbox.simulate.network import CHANNELS, HEAD_OFFICE, LEGAL_ENTITIES, SHOP, rate_table
from signalbox.simulate.returns import SCRAP
from signalbox.simulate.settle import FEE
from signalbox.simulate.tills import VOID

ACCOUNTS = (
    "revenue", "discount", "refund", "cogs", "supplier_funding", "return_writedown", "shipping_revenue", "fulfilment",
    "freight",
    "payment_fee", "marketplace_fee", "return_handling",
)  # fmt: skip
(
    REVENUE,
    DISCOUNT,
    REFUND,
    COGS,
    FUNDING,
    WRITEDOWN,
    SHIPPING,
    FULFILMENT,
    FREIGHT,
    PAYMENT_FEE,
    MARKETPLACE_FEE,
    HANDLING,
) = range(12)


class Books:
    """Totals in cents of the reporting currency by (account, channel, legal entity, day) of the whole run."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.evidence: np.ndarray | None = None
        shape = (len(ACCOUNTS), len(CHANNELS), len(LEGAL_ENTITIES), world.clock.days + 1)
        self.total = np.zeros(shape, dtype=np.int64)
        self.touched = np.zeros(shape, dtype=bool)
        self.funding = np.zeros((world.cat.promo_start.size, world.cat.suppliers, world.clock.days + 1), dtype=np.int64)

    def post(
        self, account: int, channel: np.ndarray | int, entity: np.ndarray | int, ts: np.ndarray, cents: np.ndarray
    ) -> None:
        """Add amounts, already in reporting currency, to their days; what lies after the last day is dropped."""
        now = np.flatnonzero((ts < self.world.clock.end_ts) & (cents != 0))
        day = self.world.clock.day(ts[now])
        at = self.total[account].shape
        where = np.ravel_multi_index((_pick(channel, now), _pick(entity, now), day), at)
        np.add.at(self.total[account].reshape(-1), where, cents[now])
        self.touched[account].reshape(-1)[where] = True

    def orders(self, o: Cols, lines: Cols, g: Cols, d: Cols, s: Cols, captures: Cols) -> None:
        """Revenue and costs of what was handed over for orders."""
        world, channel, rate = self.world, o.channel[g.at], o.rate[g.at]
        eur = to_reporting
        self.post(REVENUE, channel, HEAD_OFFICE, g.ts, eur(g.paid_ex + g.discount_ex, rate))
        self.post(DISCOUNT, channel, HEAD_OFFICE, g.ts, -eur(g.discount_ex - g.funded_ex, rate))
        self.post(DISCOUNT, channel, HEAD_OFFICE, g.ts, -eur(g.funded_ex, rate))
        self.post(FUNDING, channel, HEAD_OFFICE, g.ts, eur(g.funded_ex, rate))
        self._accrue(lines.promo[g.li], lines.sku[g.li], g.ts, eur(g.funded_ex, rate))
        day = world.clock.day(np.minimum(g.ts, world.clock.end_ts))
        self.post(COGS, channel, HEAD_OFFICE, g.ts, -cost(g.done_qty, world.cat.unit_cost(lines.sku[g.li], day)))
        for kind in ("pick", "pack", "3pl"):
            self.post(
                FULFILMENT, channel, HEAD_OFFICE, g.ts, -cost(g.done_qty, rate_table(kind)[world.net.kind[g.loc]])
            )
        self.post(SHIPPING, o.channel[d.at], HEAD_OFFICE, d.ts, eur(d.shipping - d.shipping_tax, o.rate[d.at]))
        for amount in (s.freight, s.freight * 6 // 100, np.where(s.premium, s.freight // 2, 0)):
            self.post(FREIGHT, o.channel[s.at], HEAD_OFFICE, s.shipped + 7200, -amount)
        self.post(
            PAYMENT_FEE, o.channel[captures.at], HEAD_OFFICE, captures.ts, -eur(captures.fee, o.rate[captures.at])
        )

    def tills(self, t: Cols, sold: Cols, pays: Cols) -> None:
        """Till sales, in the store's legal entity."""
        world, entity, ts = self.world, self.world.net.entity[t.store[sold.at]], t.ts[sold.at]
        self.post(REVENUE, SHOP, entity, ts, sold.paid_ex + sold.discount_ex)
        self.post(DISCOUNT, SHOP, entity, ts, -sold.discount_ex)
        self.post(FUNDING, SHOP, entity, ts, sold.funded_ex)
        self._accrue(sold.promo, sold.sku, ts, sold.funded_ex)
        self.post(COGS, SHOP, entity, ts, -cost(sold.qty, world.cat.unit_cost(sold.sku, world.clock.day(ts))))
        paid = t.kind[pays.at] != VOID
        self.post(PAYMENT_FEE, SHOP, world.net.entity[t.store[pays.at]], t.ts[pays.at], np.where(paid, -pays.fee, 0))

    def returned(self, r: Cols, rate: np.ndarray, entity: np.ndarray) -> None:
        """Refunds, handling, the cost of what came back, and the write-down of what was scrapped."""
        world = self.world
        self.post(REFUND, r.channel, entity, r.refunded, -to_reporting(r.amount - r.tax, rate))
        handling = cost(r.qty, rate_table("return_handling")[world.net.kind[r.loc]])
        self.post(HANDLING, r.channel, entity, r.received, -handling)
        for account, ts, sign, some in (
            (COGS, r.received, 1, r.received < NEVER),
            (WRITEDOWN, r.disposed, -1, (r.disposed < NEVER) & (r.disposition == SCRAP)),
        ):
            day = world.clock.day(np.minimum(ts, world.clock.end_ts))
            self.post(
                account, r.channel, entity, ts, np.where(some, sign * cost(r.qty, world.cat.unit_cost(r.sku, day)), 0)
            )

    def statements(self, body: Cols) -> None:
        """Marketplace fees on the day on which the marketplace posted them."""
        fee = np.where(body.kind == FEE, body.amount, 0)
        self.post(MARKETPLACE_FEE, body.channel, HEAD_OFFICE, body.posted, to_reporting(fee, body.rate))

    def _accrue(self, promo: np.ndarray, sku: np.ndarray, ts: np.ndarray, cents: np.ndarray) -> None:
        now = np.flatnonzero((cents != 0) & (ts < self.world.clock.end_ts))
        np.add.at(
            self.funding, (promo[now], self.world.cat.supplier[sku[now]], self.world.clock.day(ts[now])), cents[now]
        )

    def frame(self, end: int) -> pl.DataFrame:
        """gl_posting of the days before ``end`` not given before;

        marketplace fees arrive with the statement of their week.
        """
        clock = self.world.clock
        account, channel, entity, day = np.nonzero(self.touched[..., :end])
        self.touched[..., :end] = False
        amount = self.total[account, channel, entity, day]
        posted = clock.utc(day, np.full(day.size, 23 * HOUR + 59 * 60))
        monday = day + 8 - clock.weekday(day)
        deliver = np.where(account == MARKETPLACE_FEE, clock.utc(monday, np.full(day.size, 3 * HOUR)), posted)
        periods = [clock.date(int(d)).strftime("%Y-%m") for d in range(clock.days)]
        n = day.size
        return pl.DataFrame({
            "posting_id": ((account * 10 + channel) * 10 + entity) * 100_000 + day,
            "journal_id": pl.Series(day).cast(pl.String).str.zfill(5).str.replace("^", "J"),
            "legal_entity_id": code(entity, LEGAL_ENTITIES), "account_code": code(account, ACCOUNTS),
            "fiscal_period": pl.Series(periods, dtype=pl.String).gather(day.astype(np.uint32)),
            "channel_id": code(channel, CHANNELS),
            "source_type": pl.Series(["daily_total"]).new_from_index(0, n),
            "source_id": pl.Series([None], dtype=pl.String).new_from_index(0, n),
            "amount": amount, "currency_code": pl.Series(["EUR"]).new_from_index(0, n), "posted_ts": posted,
            "_deliver": deliver,
        })  # fmt: skip

    def agreements(self) -> tuple[np.ndarray, np.ndarray, pl.Series, np.ndarray, np.ndarray]:
        """Promotion, supplier and name of each agreement, when its evidence is recorded, per cent credited."""
        cat, clock = self.world.cat, self.world.clock
        supplies = np.zeros((cat.promo_start.size, cat.suppliers), dtype=bool)
        promo, sku = np.nonzero(cat.promo_items & (cat.promo_funding_bp > 0)[:, None])
        supplies[promo, cat.supplier[sku]] = True
        promo, supplier = np.nonzero(supplies)
        rng = self.world.rng("funding")
        shown = clock.utc(
            cat.promo_start[promo] - rng.choice([9, 6, 4, 3, -2], promo.size), np.full(promo.size, 10 * HOUR)
        )
        shown = np.where(rng.random(promo.size) < 0.08, NEVER, shown)
        name = pl.Series(np.char.add(np.char.add(promo_name(promo), "-"), supplier_name(supplier)), dtype=pl.String)
        share = rng.choice([100, 100, 100, 100, 60, 0], promo.size)
        if self.world.scale.is_calm:
            shown, share = (
                clock.utc(cat.promo_start[promo] - 9, np.full(promo.size, 10 * HOUR)),
                np.full_like(share, 100),
            )
        return promo, supplier, name, shown, share

    def funding_frame(self, first: int, end: int) -> pl.DataFrame:
        """supplier_funding: what has been accrued by each Sunday and on the first day."""
        clock = self.world.clock
        cuts = [d for d in range(first, end) if d == 0 or int(clock.weekday(np.array([d]))[0]) == 7]
        cat = self.world.cat
        promo, supplier, name, shown, share = self.agreements()
        shown = shown if self.evidence is None else self.evidence
        n = promo.size
        parts = []
        for day in cuts:
            accrued = self.funding[promo, supplier, : day + 1].sum(axis=1)
            over = cat.promo_end[promo] + 14 <= day
            cut = clock.midnight(day) + 22 * HOUR
            parts.append(pl.DataFrame({
                "agreement_id": name,
                "promotion_id": promo_name(promo),
                "supplier_id": supplier_name(supplier), "planned_amount": np.full(n, 50_000) + promo * 100,
                "accrued_amount": accrued,
                "credited_amount": np.where(over, accrued * share // 100, 0), "currency_code": same("EUR", n),
                "evidence_ts": nullify(shown, shown > cut),
                "claim_due_date": clock.epoch_day(cat.promo_end[promo] + 30),
                "updated_ts": np.full(n, cut),
            }))  # fmt: skip
        return pl.concat(parts) if parts else pl.DataFrame()


def _pick(value: np.ndarray | int, index: np.ndarray) -> np.ndarray:
    return value[index] if isinstance(value, np.ndarray) else np.full(index.size, value)
