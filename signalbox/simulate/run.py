"""The run: time slices through demand, fulfilment, stock, finance and the writer.

Belongs here: the order of the parts. Not here: what they do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from signalbox.simulate import (
    billing, catalogue, demand, emit_orders, fulfil, ledger, messages, network, purchasing, returns, settle, tills,
)  # fmt: skip
from signalbox.simulate.books import Books
from signalbox.simulate.clock import Clock
from signalbox.simulate.cols import Cols, join
from signalbox.simulate.demand import World
from signalbox.simulate.scales import LAST_DAY, resolve
from signalbox.simulate.views import Views, late_messages
from signalbox.simulate.writer import Writer

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class SimReport:
    """What a run wrote. ``order_lines`` counts lines of sales orders; ``rows`` all rows of each entity."""

    out: Path
    scale: str
    first_day: date
    last_day: date
    orders: int
    order_lines: int
    files: int
    bytes: int
    rows: dict[str, int]
    faults: int


def simulate(
    out: Path | str, scale: str = "small", orders: int | None = None, days: int | None = None, seed: int = 7,
    faults: str | Path = "default", as_of: date | str | None = None, progress: Progress | None = None,
) -> SimReport:  # fmt: skip
    """Write the extracts of the simulated retailer under ``out/extracts`` and the truth under ``out/truth``.

    ``as_of`` is the last business day (its files arrive on the next morning); a constant unless given.
    """
    size = resolve(scale, orders, days)
    last = date.fromisoformat(str(as_of)) if as_of is not None else LAST_DAY
    clock = Clock(last, size.days)
    net = network.build(size, clock, seed)
    world = World(size, clock, net, catalogue.build(size, clock, net, seed), seed)
    run = _Run(world, Writer(Path(out) / "extracts", clock, seed, _lookups(world)))
    run.masters()
    for number, (first, end) in enumerate(run.pieces):
        if progress:
            progress(f"days {first + 1} to {end}", number, len(run.pieces))
        run.slice(first, end)
        run.writer.flush(end)
    writer = run.writer
    report = SimReport(
        Path(out), scale, clock.first, last, size.orders, run.order_lines, writer.files, writer.bytes, dict(sorted(writer.rows.items())), 0
    )  # fmt: skip
    truth = Path(out) / "truth"
    truth.mkdir(parents=True, exist_ok=True)
    facts = asdict(report) | {"seed": seed, "out": None}
    (truth / "run.json").write_text(json.dumps(facts, default=str, indent=1), encoding="utf-8")
    return report


def _lookups(world: World) -> dict[str, pl.Series]:
    places, items = pl.Series(world.net.ids), pl.Series(world.cat.sku)
    promos = pl.Series(catalogue.promo_name(np.arange(world.cat.promo_start.size)))
    codes = pl.Series([f"{c}-{t}" for c in network.COUNTRIES for t in network.TAX_CATEGORIES])
    return {
        "location_id": places, "pickup_location_id": places, "from_location_id": places, "to_location_id": places,
        "return_location_id": places, "sku": items, "promotion_id": promos, "tax_code": codes,
    }  # fmt: skip


class _Run:
    """State that lasts over the slices of a run."""

    def __init__(self, world: World, writer: Writer) -> None:
        self.world, self.writer = world, writer
        self.counts = demand.day_counts(world, "orders", world.scale.orders)
        self.till_counts = tills.day_counts(world, self.counts)
        self.pieces = demand.slices(world, self.counts)
        self.stock, self.log, self.views = ledger.Stock(world), messages.StockLog(world), Views(world)
        self.purchasing = purchasing.Purchasing(world)
        self.rates = billing.exchange_rates(world)
        self.books, self.statements = Books(world), settle.Statements(world)
        self.order_lines = 0

    def push(self, frames: dict[str, pl.DataFrame]) -> None:
        for entity, frame in frames.items():
            self.writer.push(entity, frame)

    def masters(self) -> None:
        """Master data and what is known before the first day."""
        world = self.world
        self.push(network.master_frames(world.net, world.clock) | catalogue.master_frames(world.cat, world.net, world.clock, world.seed))
        self.push({
            "return_policy": returns.policy_frame(world), "exchange_rate": billing.rate_frame(world, self.rates),
            "fee_schedule": settle.fee_frame(world),
        })  # fmt: skip
        prices, names = messages.of_prices(world)
        self.push({"integration_message": messages.frame(world, prices, names)})

    def slice(self, first: int, end: int) -> None:
        """The business days ``first`` to ``end - 1``: what is ordered and sold in them, with its whole later life."""
        world = self.world
        o, lines, f, s = self._orders(first, end)
        t, sold = tills.sales(world, self.till_counts, first, end)
        pays = tills.tenders(world, t, first)
        self.push(tills.frames(t, sold, pays))
        back, counter = returns.of_orders(world, o, lines, f, s, first), returns.of_tills(world, t, sold, first)
        self.push(returns.frames(world, o, back, from_till=False))
        self.push(returns.frames(world, o, counter, from_till=True))
        self.push(returns.till_frames(counter, t))
        self.push({"customer_case": returns.cases(world, o, back, first)})
        moves = [ledger.of_sales(o, lines, f, t, sold), ledger.of_returns(back), ledger.of_returns(counter)]
        self._money(first, end, o, lines, f, s, back)
        self.books.tills(t, sold, pays)
        self.books.returned(counter, np.full(counter.no.size, 1_000_000), world.net.entity[t.store[counter.at]])
        self.push({"gl_posting": self.books.frame(end), "supplier_funding": self.books.funding_frame(first, end)})
        self._stock(first, end, moves, _held(o, lines, f))

    def _money(self, first: int, end: int, o: Cols, lines: Cols, f: Cols, s: Cols, back: Cols) -> None:
        """Invoices, captures, statements and the ledger's totals of a slice's orders."""
        world = self.world
        o.rate = billing.order_rate(o, self.rates)
        g = billing.handed_over(o, lines, f, s)
        documents, d = billing.invoices(world, o, lines, g, first)
        paid, captures = billing.payments(world, o, lines, d, first)
        self.push({"customer_document_line": documents, "payment": paid})
        posted = [settle.of_sales(world, o, lines, g, d), settle.of_refunds(o, back)]
        heads, body = self.statements.close(posted, self.rates[billing.BEFORE :], first, end)
        self.push(settle.frames(world, heads, body, settle.order_keys(body)))
        self.books.orders(o, lines, g, d, s, captures)
        self.books.returned(back, o.rate[back.at], np.zeros(back.no.size, dtype=np.int64))
        self.books.statements(body)

    def _orders(self, first: int, end: int) -> tuple[Cols, Cols, Cols, Cols]:
        world = self.world
        o = demand.orders(world, self.counts, first, end)
        lines = demand.order_lines(world, o, first)
        demand.add_totals(o, lines)
        fulfil.head_times(world, o, first)
        fulfil.plan_lines(world, o, lines, first)
        fulfil.promises(world, o, lines)
        f = fulfil.fulfil(world, o, lines, first)
        s = fulfil.ship(world, o, lines, f, first)
        p = fulfil.pickup_times(world, o, f, first)
        self.order_lines += lines.at.size
        self.push(emit_orders.headers(world, o) | emit_orders.line_frames(world, o, lines))
        self.push({"promise": emit_orders.promise_frame(o, lines), "order_event": emit_orders.events(world, o, lines, f, s, p)})
        self.push(emit_orders.allocation(o, lines, f) | emit_orders.shipments(o, lines, f, s))
        self.push({"wms_task": emit_orders.warehouse_tasks(world, o, lines, f), "pickup_task": emit_orders.pickup_tasks(o, lines, p)})
        told, names = messages.of_orders(world, o, f, s, first)
        self.push({"integration_message": messages.frame(world, told, names)})
        return o, lines, f, s

    def _stock(self, first: int, end: int, moves: list[Cols], held: Cols) -> None:
        """Ledger, replenishment, purchase orders, messages and views of a slice."""
        world, stock = self.world, self.stock
        start_ts, end_ts = world.clock.midnight(first), world.clock.midnight(end)
        opening = [stock.opening()] if first == 0 else []
        rows = stock.due([*moves, *opening, ledger.shrink(world, first, end)], end_ts)
        lines = stock.transfers(rows, end)
        self.push({"transfer_line": ledger.transfer_frame(lines)})
        rows = join([rows, stock.due([stock.transfer_moves(lines)], end_ts)])
        bought = self.purchasing.order(rows, stock.expected, first, end)
        self.push(purchasing.frames(world, bought))
        supply = [purchasing.moves(bought), purchasing.dropship_supply(world, rows, first, end)]
        rows = stock.settle(join([rows, stock.due(supply, end_ts)]), start_ts)
        told = self.log.messages(rows, first)
        self.push({
            "inventory_movement": ledger.movement_frame(world, rows),
            "integration_message": messages.frame(world, told, messages.stock_keys(world, told)),
        })  # fmt: skip
        shots, offers = self.views.snapshots(stock, rows, held, late_messages(world, told), first, end)
        self.push({"inventory_snapshot": shots, "ats_publication": offers})


def _held(o: Cols, lines: Cols, f: Cols) -> Cols:
    """Hard reservations as intervals."""
    end = emit_orders.reservation_end(o, lines, f)
    return Cols(loc=f.loc, sku=lines.sku[f.li], qty=f.qty, begin=f.assigned, end=end)
