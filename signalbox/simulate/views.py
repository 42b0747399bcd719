"""What each system believes the stock to be: snapshots and published availability.

Belongs here: the daily cuts of every system's view, from the ledger and the messages applied by then. Not here: the
ledger. The cut of a business day is 23:00 in the reporting zone; nothing moves in the minutes around it, so that a
message is sent and applied before it unless it was late.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join
from signalbox.simulate.demand import World
from signalbox.simulate.ledger import Stock
from signalbox.simulate.network import CHANNELS, DC, STORE, TPL

SYSTEMS = ("erp", "pos", "wms", "ecommerce", "marketplace", "3pl")
ERP, POS, WMS, ECOM, MARKET, THIRD = range(6)
OWN = np.array([POS, WMS, THIRD, ERP])
# interface -> system whose view it feeds
TARGET = {0: ECOM, 1: ECOM, 2: ECOM, 3: ECOM, 4: ERP, 5: ERP, 6: MARKET}
CUT = 23 * HOUR
MARKS = np.array([12 * HOUR, 18 * HOUR, CUT])


def cut_ts(world: World, day: np.ndarray) -> np.ndarray:
    return world.clock.utc(day, np.full(np.shape(day), CUT))


class Views:
    """Snapshots and availability of the run. Carries what is reserved and not yet applied across slices."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.reserved: list[Cols] = []
        self.waiting: list[Cols] = []
        rng = world.rng("availability")
        self.listed = np.flatnonzero((rng.random(world.cat.sku.size) < 0.4) & (world.cat.drop_node < 0))
        self.quick = np.flatnonzero(rng.random(self.listed.size) < 0.15)
        self.offers = Cols()
        self.gaps: list[Cols] = []
        self.compared: list[Cols] = []
        self.negative: list[Cols] = []

    def lose(self, gap: Cols) -> None:
        """What a system's view misses from lost messages: (system, loc, sku, qty, first_cut, repaired)."""
        if gap.size:
            self.gaps.append(gap)

    def _watched(self, day: int) -> list[np.ndarray]:
        """Pairs on the list of a partial snapshot because somebody looks into them, rightly or not."""
        width, ranges = self.world.cat.sku.size, self.world.cat.ranges
        pairs = []
        for gap in self.gaps:
            on = (gap.first_cut <= day) & (day <= gap.repaired + 1)
            pairs.append(gap.loc[on] * width + gap.sku[on])
            store = gap.loc[on & (gap.loc < self.world.net.stores)]
            pairs.append(store * width + ranges[store, (store * 7 + day // 5) % ranges.shape[1]])
        return pairs

    def _spans(
        self,
        loc: np.ndarray,
        sku: np.ndarray,
        qty: np.ndarray,
        begin: np.ndarray,
        end: np.ndarray,
        first: int,
        last: int,
    ) -> Cols:
        """(cut, location, item, quantity) for every cut of the days ``first``..``last - 1`` in an interval."""
        cuts = cut_ts(self.world, np.arange(first, last))
        low = np.searchsorted(cuts, begin, side="left")
        high = np.searchsorted(cuts, end, side="left")
        count = np.maximum(high - low, 0)
        index = np.repeat(np.arange(loc.size), count)
        offset = np.arange(index.size) - np.repeat(np.cumsum(count) - count, count)
        return Cols(row=index, cut=low[index] + offset, loc=loc[index], sku=sku[index], qty=qty[index])

    def snapshots(
        self, stock: Stock, rows: Cols, held: Cols, late: Cols, first: int, last: int
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """inventory_snapshot and ats_publication of a slice. Applies ``rows`` to the balances of ``stock``.

        ``held``: reservations (loc, sku, qty, begin, end); ``late``: messages whose application spans a cut (loc,
        sku, qty, system, begin, end in seconds).
        """
        world, net, width = self.world, self.world.net, self.world.cat.sku.size
        held, late = join([*self.reserved, held]), join([*self.waiting, late])
        limit = world.clock.midnight(last)
        self.reserved, self.waiting = [held.take(held.end >= limit)], [late.take(late.end >= limit)]
        booked = self._spans(held.loc, held.sku, held.qty, held.begin, held.end, first, last)
        flying = self._spans(late.loc, late.sku, late.qty, late.begin, late.end, first, last)
        flying.system = late.system[flying.row]
        marks = world.clock.utc(np.repeat(np.arange(first, last), 3), np.tile(MARKS, last - first))
        bounds = np.searchsorted(rows.ts, marks, side="right")
        shots, offers, previous = [], [], 0
        for k, day in enumerate(range(first, last)):
            changed = rows.take(slice(previous, bounds[3 * k + 2]))
            reserved = np.zeros(net.size * width, dtype=np.int64)
            b = booked.cut == k
            np.add.at(reserved, booked.loc[b] * width + booked.sku[b], booked.qty[b])
            offers.append(self._offer(stock, reserved, day, 0, self.listed))
            for mark in range(3):
                stock.apply(rows.take(slice(previous, bounds[3 * k + mark])))
                previous = int(bounds[3 * k + mark])
                if mark < 2:
                    offers.append(self._offer(stock, reserved, day, mark + 1, self.listed[self.quick]))
            shots.append(self._shot(stock, reserved, changed, flying.take(flying.cut == k), day))
        stock.apply(rows.take(slice(previous, None)))
        return self._snapshot_frame(join(shots)), self._offer_frame(join(offers))

    def _shot(self, stock: Stock, reserved: np.ndarray, changed: Cols, flying: Cols, day: int) -> Cols:
        """The rows of one cut: pairs to report, for each system that sees them."""
        net, width = self.world.net, self.world.cat.sku.size
        complete = day == 0 or int(self.world.clock.weekday(np.array([day]))[0]) == 7
        on_hand, aside = stock.on_hand.ravel(), stock.aside.ravel()
        if complete:
            pair = np.flatnonzero(self.world.cat.ranged.ravel() | (on_hand != 0))
        else:
            pair = np.unique(changed.loc * width + changed.sku)
            kind = net.kind[pair // width]
            pair = pair[(kind != STORE) | (pair // width % 4 == day % 4)]
            pair = np.unique(np.concatenate([pair, *self._watched(day)]))
        loc = pair // width
        kind = net.kind[loc]
        parts = []
        for system, sees in (
            (-1, kind >= 0),
            (ECOM, kind >= 0),
            (ERP, (kind == DC) | (kind == TPL)),
            (MARKET, kind == TPL),
        ):
            at = np.flatnonzero(sees)
            view = on_hand[pair[at]].copy()
            if system >= 0:
                view -= self._unseen(flying, system, pair[at], day)
                self._note(system, pair[at], view, on_hand[pair[at]], OWN[kind[at]], day)
            whose = OWN[kind[at]] if system < 0 else np.full(at.size, system)
            parts.append(Cols(
                system=whose, loc=loc[at], sku=pair[at] % width, day=np.full(at.size, day), gross=view,
                reserved=np.where(whose == POS, 0, reserved[pair[at]]), aside=aside[pair[at]],
                complete=np.full(at.size, complete),
            ))  # fmt: skip
        return join(parts)

    def _unseen(self, flying: Cols, system: int, pair: np.ndarray, day: int) -> np.ndarray:
        """Units that a system has not applied at the cut, or never will until someone repairs its view."""
        width = self.world.cat.sku.size
        missing = np.zeros(self.world.net.size * width, dtype=np.int64)
        some = flying.system == system
        np.add.at(missing, flying.loc[some] * width + flying.sku[some], flying.qty[some])
        return missing[pair] + self._gap(system, pair, day)

    def _gap(self, system: int, pair: np.ndarray, day: int) -> np.ndarray:
        """Units of lost messages that a system's view lacks at a cut."""
        width = self.world.cat.sku.size
        lack = np.zeros(self.world.net.size * width, dtype=np.int64)
        for gap in self.gaps:
            on = (gap.system == system) & (gap.first_cut <= day) & (day < gap.repaired)
            np.add.at(lack, gap.loc[on] * width + gap.sku[on], gap.qty[on])
        return lack[pair]

    def _note(
        self, system: int, pair: np.ndarray, view: np.ndarray, own: np.ndarray, own_system: np.ndarray, day: int
    ) -> None:
        """Keep for the truth: views below zero, and the pairs that a lost message touches."""
        width = self.world.cat.sku.size
        below = np.flatnonzero(view < 0)
        if below.size:
            self.negative.append(
                Cols(
                    system=np.full(below.size, system),
                    loc=pair[below] // width,
                    sku=pair[below] % width,
                    day=np.full(below.size, day),
                )
            )
        touched = [g.loc[g.system == system] * width + g.sku[g.system == system] for g in self.gaps]
        at = np.flatnonzero(np.isin(pair, np.concatenate(touched))) if touched else below[:0]
        if at.size:
            self.compared.append(Cols(
                system=np.full(at.size, system), own_system=own_system[at], loc=pair[at] // width, sku=pair[at] % width,
                day=np.full(at.size, day), gap=self._gap(system, pair[at], day), own=own[at],
            ))  # fmt: skip

    def _snapshot_frame(self, v: Cols) -> pl.DataFrame:
        nets = (v.system == ECOM) | (v.system == MARKET)
        return v.frame(
            system_code=code(v.system, SYSTEMS), location_id="loc", sku="sku", snapshot_ts=cut_ts(self.world, v.day),
            on_hand_qty=v.gross - np.where(nets, v.reserved, 0), reserved_qty="reserved", damaged_qty="aside",
            coverage_code=code(v.complete.astype(np.int64), ("partial", "complete")),
        )  # fmt: skip

    def _offer(self, stock: Stock, reserved: np.ndarray, day: int, mark: int, skus: np.ndarray) -> Cols:
        """What is free to sell in the nodes that serve the online channels."""
        net, width = self.world.net, self.world.cat.sku.size
        nodes = np.r_[net.dcs, net.tpl]
        free = stock.on_hand[nodes][:, skus] - stock.aside[nodes][:, skus]
        free = free - reserved.reshape(net.size, width)[nodes][:, skus] - 8
        ats = np.maximum(free, 0).sum(axis=0)
        tod = (5 * HOUR, 12 * HOUR + 300, 18 * HOUR + 300)[mark]
        n = skus.size
        at = self.world.clock.utc(np.full(n * 3, day), tod + np.tile(skus % 240, 3))
        channel = np.repeat(np.arange(3), n)
        share = np.repeat([100, 90, 60], n)
        return Cols(
            sku=np.tile(skus, 3),
            channel=channel,
            published=at,
            ats=np.tile(ats, 3) * share // 100,
            live=at + 20 + (np.tile(skus, 3) * 7 + channel * 31 + day) % 200,
        )

    def _offer_frame(self, v: Cols) -> pl.DataFrame:
        """ats_publication; keeps for the truth what is in force on the days of the slice."""
        before = self.offers.take(self.offers.live > v.live.min() - 2 * DAY) if self.offers.size else self.offers
        self.offers = join([before, v]) if before.size else v
        return v.frame(
            sku="sku", channel_id=code(v.channel, CHANNELS), published_ts="published", ats_qty="ats", live_ts="live"
        )


def late_messages(world: World, m: Cols) -> Cols:
    """Stock messages that a cut falls into, before they are applied."""
    applied = np.minimum(m.applied // 1000 + 1, 1 << 41)
    day = world.clock.day(np.minimum(m.event, world.clock.end_ts))
    cut = cut_ts(world, day)
    nxt = np.where(m.event <= cut, cut, cut_ts(world, day + 1))
    some = np.flatnonzero(applied > nxt)
    target = np.array([TARGET[i] for i in range(7)])
    return Cols(
        loc=m.loc[some],
        sku=m.sku[some],
        qty=m.qty[some],
        system=target[m.interface[some]],
        begin=m.event[some],
        end=applied[some],
    )
