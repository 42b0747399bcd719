"""The run: time slices through demand, fulfilment, stock, finance and the writer.

Belongs here: the order of the parts. Not here: what they do. Each slice takes the orders and till sales of some weeks
through their whole later life; what happens after the slice waits in the parts that own it, so that memory does not
grow with the period.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from signalbox.errors import UsageError
from signalbox.simulate import (
    balances,
    billing,
    catalogue,
    demand,
    emit_fulfilment,
    emit_orders,
    faults,
    fulfil,
    inject_accounts,
    inject_approvals,
    inject_carriers,
    inject_casework,
    inject_changes,
    inject_claims,
    inject_customers,
    inject_delays,
    inject_files,
    inject_fulfilment,
    inject_funding,
    inject_gaps,
    inject_holds,
    inject_interfaces,
    inject_lead_times,
    inject_ledger,
    inject_masters,
    inject_messages,
    inject_nodes,
    inject_offers,
    inject_orders,
    inject_payments,
    inject_prices,
    inject_promotions,
    inject_queues,
    inject_returns,
    inject_routes,
    inject_shortages,
    inject_silence,
    inject_stock,
    inject_supplier,
    inject_supply,
    inject_surplus,
    inject_tills,
    ledger,
    messages,
    network,
    office,
    planning,
    purchasing,
    returns,
    settle,
    tills,
)  # fmt: skip
from signalbox.simulate.books import Books
from signalbox.simulate.clock import Clock
from signalbox.simulate.cols import Cols, join
from signalbox.simulate.demand import World
from signalbox.simulate.inject_money import StatementFaults
from signalbox.simulate.network import OTHER_SLA, STOCK_SLA
from signalbox.simulate.scales import LAST_DAY, Scale, resolve
from signalbox.simulate.truth import Truth
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
    is_calm: bool = False,
) -> SimReport:  # fmt: skip
    """Write the extracts of the simulated retailer under ``out/extracts`` and the truth under ``out/truth``.

    ``as_of`` is the last business day (its files arrive on the next morning), a constant unless given; ``faults`` is
    ``none``, ``default`` or a file (see ``faults.plan``); with ``is_calm`` nothing else goes wrong. The same
    arguments give the same bytes. Errors: UsageError.
    """
    run = _run(Path(out), resolve(scale, orders, days, is_calm), seed, faults, as_of)
    run.masters()
    for number, (first, end) in enumerate(run.pieces):
        if progress:
            progress(f"simulating days {first + 1} to {end} of {run.world.clock.days}", number, len(run.pieces))
        run.slice(first, end)
        run.writer.flush(end)
    report = run.finish(Path(out), scale)
    if progress:
        progress(f"{report.files} files written", len(run.pieces), len(run.pieces))
    return report


def _run(out: Path, size: Scale, seed: int, spec: str | Path, as_of: date | str | None) -> _Run:
    try:
        last = date.fromisoformat(str(as_of)) if as_of is not None else LAST_DAY
    except ValueError:
        raise UsageError(f"as_of must be a date such as {LAST_DAY}, not {as_of!r}") from None
    plan = faults.plan(spec, size, seed)
    clock = Clock(last, size.days)
    net = network.build(size, clock, seed)
    world = World(size, clock, net, catalogue.build(size, clock, net, seed), seed)
    return _Run(world, Writer(out / "extracts", clock, seed, _lookups(world), size.packed), plan)


def _lookups(world: World) -> dict[str, pl.Series]:
    places, items = pl.Series(world.net.ids), pl.Series([*world.cat.sku.tolist(), *inject_masters.STRANGERS])
    promos = pl.Series(catalogue.promo_name(np.arange(world.cat.promo_start.size)))
    codes = pl.Series([f"{c}-{t}" for c in network.COUNTRIES for t in network.TAX_CATEGORIES])
    return {
        "location_id": places, "pickup_location_id": places, "from_location_id": places, "to_location_id": places,
        "return_location_id": places, "sku": items, "promotion_id": promos, "tax_code": codes,
    }  # fmt: skip


class _Run:
    """State that lasts over the slices of a run."""

    def __init__(self, world: World, writer: Writer, plan: faults.Plan) -> None:
        self.world, self.writer, self.plan, self.truth = world, writer, plan, Truth()
        self.counts = demand.day_counts(world, "orders", world.scale.orders)
        self.till_counts = tills.day_counts(world, self.counts)
        self.pieces = demand.slices(world, self.counts)
        self.stock, self.log, self.views = ledger.Stock(world), messages.StockLog(world), Views(world)
        self.totals = messages.Totals(world)
        self.purchasing = purchasing.Purchasing(world)
        self.rates = billing.exchange_rates(world)
        self.strike = StatementFaults(world, plan, self.truth)
        self.accounts = inject_accounts.Accounts(world, plan, self.truth)
        self.lead_times = inject_lead_times.LeadTimes(world, plan, self.truth)
        self.ledger_faults = inject_stock.LedgerFaults(world, plan, self.truth)
        self.gaps = inject_gaps.Gaps(world, plan, self.truth, writer)
        self.surplus = inject_surplus.Surplus(world, plan, self.truth)
        self.promotions = inject_promotions.PromotionStock(world, plan, self.truth, writer)
        self.shortages = inject_shortages.Shortages(world, plan, self.truth)
        self.books, self.statements = Books(world), settle.Statements(world, self.strike)
        self.balances = balances.Balances(world, self.books, inject_ledger.BalanceFaults(world, plan, self.truth))
        self.order_lines = 0
        inject_files.plan_files(plan, writer)

    def push(self, frames: dict[str, pl.DataFrame]) -> None:
        for entity, frame in frames.items():
            self.writer.push(entity, frame)

    def masters(self) -> None:
        """Master data and what is known before the first day."""
        world = self.world
        frames = (
            network.master_frames(world.net, world.clock)
            | catalogue.master_frames(world.scale, world.cat, world.net, world.clock, world.seed)
            | planning.master_frames(world)
            | {"sign_off": inject_ledger.sign_offs(world, self.plan, self.truth, office.sign_offs(world))}
        )
        requests = inject_approvals.approval_faults(world, self.plan, self.truth, frames["approval_request"])
        promo, _, name, shown, _ = self.books.agreements()
        self.books.evidence = inject_funding.evidence_faults(world, self.plan, self.truth, promo, name, shown)
        frames |= inject_prices.price_faults(world, self.plan, self.truth, self.writer, frames)
        frames |= {"approval_request": requests}
        frames = inject_offers.margin_faults(world, self.plan, self.truth, self.writer, frames)
        self.surplus.masters(frames, self.stock.opening())
        self.promotions.masters(frames, self.stock.opening())
        self.push(frames | inject_casework.log_frame(world, self.plan, self.truth))
        self.push(inject_offers.claim_faults(world, self.plan, self.truth, self.writer))
        for wrong in inject_masters.master_faults(self.plan, self.truth, self.writer, frames, world.cat.sku.size):
            self.push(wrong)
        prices, names = messages.of_prices(world)
        prices, names = inject_queues.price_floods(world, self.plan, self.truth, prices, names)
        inject_interfaces.order_truth(self.truth, prices, names)
        self._count(prices, prices)
        self.push({
            "return_policy": returns.policy_frame(world), "exchange_rate": billing.rate_frame(world, self.rates),
            "fee_schedule": settle.fee_frame(world), "integration_message": messages.frame(world, prices, names),
        })  # fmt: skip

    def slice(self, first: int, end: int) -> None:
        """The business days ``first`` to ``end - 1``: what is ordered and sold in them, with its whole later life."""
        world = self.world
        o, lines, f, s = self._orders(first, end)
        staff = planning.capacity(world, first, end)
        staff = inject_nodes.plan_faults(world, self.plan, self.truth, staff, o, lines, f, first, end)
        self.push({"node_capacity": staff})
        t, sold = tills.sales(world, self.till_counts, first, end)
        inject_tills.discount_faults(world, self.plan, self.truth, t, sold, first, end)
        pays = tills.tenders(world, t, first)
        rung = tills.frames(t, sold, pays)
        rung["pos_tender"] = inject_gaps.tender_faults(
            world, self.plan, self.truth, self.writer, t, pays, rung["pos_tender"], first, end
        )
        self.push(rung)
        back, counter = inject_customers.come_back(world, self.plan, self.truth, o, lines, f, s, t, sold, first, end)
        inject_returns.return_faults(self.plan, back, first, end, world.clock.end_ts)
        inject_supply.refund_faults(self.plan, self.truth, back, first, end)
        inject_gaps.late_memos(world, self.plan, self.truth, self.writer, back, first, end)
        inject_returns.return_truth(self.truth, world, back)
        inject_returns.return_truth(self.truth, world, counter)
        self.push(returns.frames(world, o, back, from_till=False))
        told = returns.frames(world, o, counter, from_till=True)
        self.push(told | {"return_line": inject_customers.without_receipt(told["return_line"], counter)})
        self.push(returns.till_frames(counter, t))
        self.push({"customer_case": returns.cases(world, o, back, first)})
        self.push(inject_interfaces.case_clusters(world, self.plan, self.truth, o, first, end))
        self._office(first, end, o, t, pays, back)
        self._money(first, end, o, lines, f, s, back)
        self.books.tills(t, sold, pays)
        self.balances.tills(t, pays)
        self.books.returned(counter, np.full(counter.no.size, 1_000_000), world.net.entity[t.store[counter.at]])
        posted = inject_ledger.postings(world, self.plan, self.truth, self.books.frame(end), first, end)
        posted = self.gaps.postings(posted, o, lines, self.handed, t, sold, back, first, end)
        self.push({"gl_posting": posted, "supplier_funding": self.books.funding_frame(first, end)})
        moves = [ledger.of_sales(o, lines, f, t, sold), ledger.of_returns(back), ledger.of_returns(counter)]
        moves += inject_fulfilment.damages(world, self.plan, self.truth, o, lines, f, first, end)
        offers = self._stock(first, end, moves, _held(o, lines, f))
        self.push({"gl_balance": self.balances.frame(first, end)})
        inject_orders.oversell_truth(self.truth, world, o, lines, offers)

    def _office(self, first: int, end: int, o: Cols, t: Cols, pays: Cols, back: Cols) -> None:
        """What is planned for the days of a slice, and what the back office records of its orders."""
        world = self.world
        cards = office.gift_cards(world, t, pays, first, end)
        self.balances.gift_cards(cards)
        self.push({
            "demand_forecast": planning.forecasts(world, first, end),
            "order_hold": office.holds(o), "customer": office.customers(world, o, first),
            "loyalty_event": office.loyalty(o), "work_log": office.work(world, o, first),
            "marketplace_claim": self.accounts.claims(o, office.marketplace_claims(world, o, first), first),
            "supplier_claim": inject_supplier.claims(
                world, self.plan, self.truth, office.supplier_claims(world, back, first), first, end
            ),
            "gift_card_transaction": office.gift_frame(cards, first),
        })  # fmt: skip

    def _orders(self, first: int, end: int) -> tuple[Cols, Cols, Cols, Cols]:
        world, plan = self.world, self.plan
        o = demand.orders(world, self.counts, first, end)
        lines = demand.order_lines(world, o, first)
        demand.add_totals(o, lines)
        inject_customers.customers(world, self.plan, o, first, end)
        fulfil.head_times(world, o, first)
        inject_holds.hold_faults(world.clock, plan, o, first, end)
        inject_orders.header_faults(plan, o, first, end)
        fulfil.plan_lines(world, o, lines, first)
        inject_delays.line_faults(world, plan, o, lines, first, end)
        lines = inject_changes.substitutes(world, plan, o, lines, first, end)
        inject_orders.line_faults(world, plan, self.views.listed, o, lines, first, end)
        inject_fulfilment.shortage_faults(world, plan, o, lines, first, end)
        inject_routes.route_faults(world, plan, o, lines, first, end)
        self.accounts.cancel(o, lines, first, end)
        fulfil.settle_allocation(lines)
        fulfil.promises(world, o, lines)
        f = fulfil.fulfil(world, o, lines, first)
        inject_delays.part_faults(world, plan, o, lines, f, first, end)
        inject_changes.reservation_faults(world, plan, o, lines, f, first, end)
        inject_orders.pickup_faults(world, plan, o, lines, f, first, end)
        inject_nodes.late_pickers(world, plan, self.truth, o, lines, f, first, end)
        s = fulfil.ship(world, o, lines, f, first)
        inject_orders.shipment_faults(plan, o, lines, s, first, end)
        inject_carriers.silence_faults(world, plan, o, lines, s, first, end)
        inject_fulfilment.carrier_faults(plan, o, s, first, end)
        self.accounts.ship(o, s)
        p = fulfil.pickup_times(world, o, f, first)
        inject_fulfilment.collection_faults(world, plan, o, p, first, end)
        inject_orders.order_truth(self.truth, world, o, lines, f, s)
        inject_fulfilment.shortage_truth(self.truth, world, o, lines, f)
        inject_fulfilment.carrier_truth(self.truth, o, lines, f, s)
        inject_carriers.silence_truth(self.truth, world, o, lines, f, s)
        inject_fulfilment.collection_truth(self.truth, world, o)
        inject_holds.hold_truth(self.truth, world.clock, o, lines)
        inject_routes.route_truth(self.truth, o, lines)
        inject_delays.delay_truth(self.truth, world, plan, o, lines, f, s)
        inject_changes.change_truth(self.truth, world, o, lines, f)
        self.accounts.note(o, lines, f, s)
        self.order_lines += lines.at.size
        ordered = emit_orders.headers(world, o) | emit_orders.line_frames(world, o, lines)
        self.push(inject_changes.edits(world, plan, self.truth, o, lines, f, ordered, first, end))
        ordered["tax_line"], self.taxed = inject_ledger.taxes(plan, o, lines, ordered["tax_line"], first, end)
        self.push(ordered)
        told = emit_orders.events(world, o, lines, f, s, p)
        told = inject_silence.unsaid(world, plan, self.truth, o, lines, f, told, first, end)
        self.push({"promise": emit_orders.promise_frame(o, lines), "order_event": told})
        self.push(emit_fulfilment.allocation(o, lines, f) | emit_fulfilment.shipments(o, lines, f, s))
        self.push({"reservation": inject_changes.reserved_twice(o, lines, f)})
        self.push(
            {
                "wms_task": emit_fulfilment.warehouse_tasks(world, o, lines, f),
                "pickup_task": emit_fulfilment.pickup_tasks(o, lines, p),
            }
        )
        self.push(inject_orders.duplicates(world, plan, self.truth, o, lines, first, end))
        self._order_messages(o, f, s, first, end)
        return o, lines, f, s

    def _order_messages(self, o: Cols, f: Cols, s: Cols, first: int, end: int) -> None:
        plan, truth = self.plan, self.truth
        told, names = messages.of_orders(self.world, o, f, s, first)
        struck = inject_messages.stall(plan, "E65f", told, told.interface, first, end, OTHER_SLA)
        inject_messages.fail(plan, truth, told, first, end)
        inject_interfaces.park(plan, truth, told, first, end)
        inject_interfaces.storm(plan, truth, told, first, end)
        inject_messages.late_truth(truth, self.world, "E65f", told, told.interface, struck)
        place = np.searchsorted(o.no, told.group).clip(max=o.size - 1)
        self._count(told, told, np.where(told.interface == messages.OMS_FROM_WEB, o.total[place], 0))
        told, names = inject_messages.deliver_twice(plan, truth, told, names, first, end, "order")
        inject_interfaces.order_truth(truth, told, names)
        self.push({"integration_message": messages.frame(self.world, told, names)})
        told, names = messages.of_statuses(self.world, o, s, first)
        self._count(told, told)
        inject_interfaces.order_truth(truth, told, names)
        self.push({"integration_message": messages.frame(self.world, told, names)})

    def _count(self, sent: Cols, told: Cols, cents: np.ndarray | int = 0) -> None:
        self.totals.sent(sent, cents)
        self.totals.applied(told, cents)

    def _money(self, first: int, end: int, o: Cols, lines: Cols, f: Cols, s: Cols, back: Cols) -> None:
        """Invoices, captures, statements and the ledger's totals of a slice's orders."""
        world = self.world
        o.rate = billing.order_rate(o, self.rates)
        self.handed = g = billing.handed_over(o, lines, f, s)
        documents, d = billing.invoices(world, o, lines, g, first)
        inject_payments.payment_faults(self.plan, o, lines, d, first, end)
        inject_payments.payment_truth(self.truth, o, lines, d)
        inject_ledger.tax_truth(self.truth, documents, *self.taxed)
        paid, captures = billing.payments(world, o, lines, d, first)
        self.push({"customer_document_line": documents, "payment": paid})
        posted = [settle.of_sales(world, o, lines, g, d), settle.of_refunds(o, back)]
        heads, body = self.statements.close(posted, self.rates[billing.BEFORE :], first, end)
        self.push(settle.frames(world, heads, body, settle.order_keys(body)))
        self.push({"bank_deposit": self.strike.strays(first, end)})
        self.books.orders(o, lines, g, d, s, captures)
        self.books.returned(back, o.rate[back.at], np.zeros(back.no.size, dtype=np.int64))
        self.books.statements(body)
        self.balances.orders(o, captures)
        self.balances.statements(heads, body)

    def _stock(self, first: int, end: int, moves: list[Cols], held: Cols) -> Cols:
        """Ledger, replenishment, purchase orders, messages and views of a slice; what was published as available."""
        world, stock = self.world, self.stock
        end_ts = world.clock.midnight(end)
        opening = [stock.opening()] if first == 0 else []
        rows = stock.due([*moves, *opening, ledger.shrink(world, first, end)], end_ts)
        lines = stock.transfers(rows, end)
        inject_stock.transfer_faults(world, self.plan, self.truth, lines, first, end)
        self.push({"transfer_line": ledger.transfer_frame(world, lines)})
        rows = join([rows, stock.due([stock.transfer_moves(lines)], end_ts)])
        bought = self.purchasing.order(rows, stock.expected, first, end)
        self.lead_times.slip(bought)
        back = self.surplus.overorder(stock, rows, bought, first, end)
        struck = inject_supplier.strike(world, self.plan, bought, first, end)
        inject_supply.purchase_faults(world, self.plan, self.truth, bought, first, end)
        inject_supplier.truths(world, self.truth, bought, struck)
        self.lead_times.note(bought)
        inject_fulfilment.putaway_faults(world, self.plan, self.truth, bought, first, end)
        supplied = purchasing.frames(world, bought)
        supplied["landed_cost"] = inject_supplier.landed(
            world, self.plan, self.truth, supplied["landed_cost"], first, end
        )
        self.push(supplied)
        self.balances.purchases(bought)
        self.push({
            "vendor_compliance_event": inject_supplier.checks(
                self.plan, self.truth, office.supplier_checks(world, bought, first), first, end
            ),
        })  # fmt: skip
        proposed = self.promotions.renewals(office.proposals(world, bought, lines, first), bought, lines, first, end)
        self.push({"replenishment_proposal": proposed})
        wrong, asked = self.ledger_faults.rows(stock, first, end)
        self.push({"approval_request": asked} | inject_stock.baskets(world, self.plan, self.truth, first, end))
        supply = [purchasing.moves(bought), purchasing.dropship_supply(world, rows, first, end), wrong, back]
        rows = stock.settle(join([rows, stock.due(supply, end_ts)]), world.clock.midnight(first))
        rows = inject_supply.ledger_faults(world, self.plan, self.truth, stock, rows, first, end)
        rows, typed = inject_claims.claim_faults(world, self.plan, self.truth, stock, rows, held, lines, first, end)
        self.push(typed)
        rows, more, lines = self.shortages.strike(stock, rows, held, lines, bought, proposed, first, end)
        self.push(more)
        proposed = pl.concat([proposed, more["replenishment_proposal"]]) if more else proposed
        self.surplus.seen(stock, rows, lines, first, end)
        self.promotions.seen(stock, rows, held, lines, bought, proposed, first, end)
        now = rows.ts < end_ts
        stock.future.append(rows.take(~now))
        rows = rows.take(now)
        self.ledger_faults.seen(rows)
        self.push({"inventory_movement": ledger.movement_frame(world, rows)})
        self.balances.stock(rows)
        told = self._stock_messages(rows, first, end)
        shots, offers = self.views.snapshots(stock, rows, held, late_messages(world, told), first, end)
        self.push({"inventory_snapshot": shots, "ats_publication": offers})
        strike = partial(inject_stock.count_faults, world, self.plan, self.truth, first=first, end=end)
        self.push(office.counts(world, shots, first, strike))
        return self.views.offers

    def _stock_messages(self, rows: Cols, first: int, end: int) -> Cols:
        world, plan, truth = self.world, self.plan, self.truth
        told = self.log.messages(rows, first)
        swapped = inject_interfaces.overtake(plan, told, first, end)
        source = told.interface * 1000 + told.loc
        struck = inject_messages.stall(plan, "E29", told, source, first, end, STOCK_SLA)
        sent = told
        told, gap = inject_messages.lose(world, plan, told, first, end)
        self._count(sent, told)
        self.views.lose(gap)
        inject_messages.late_truth(truth, world, "E29", told, told.interface * 1000 + told.loc, struck)
        every, names = inject_messages.deliver_twice(
            plan, truth, told, messages.stock_keys(world, told), first, end, "stock"
        )
        inject_interfaces.order_truth(truth, every, names, swapped)
        totals = inject_silence.drift(plan, truth, self.writer, self.totals.frame(first, end), first, end)
        self.push({
            "integration_message": messages.frame(world, every, names), "control_total": totals,
        })  # fmt: skip
        return told

    def finish(self, out: Path, scale: str) -> SimReport:
        """The rest of the truth, the report and its file."""
        world, writer = self.world, self.writer
        writer.wait()
        inject_messages.view_truth(self.truth, world, self.views.negative)
        inject_messages.mismatch_truth(self.truth, world, self.views.compared)
        inject_files.files_truth(self.plan, self.truth, writer)
        self.ledger_faults.finish()
        self.lead_times.finish()
        self.accounts.finish()
        self.surplus.finish()
        self.promotions.finish()
        injected = self.truth.write(out / "truth", writer)
        report = SimReport(
            out, scale, world.clock.first, world.clock.date(world.clock.days - 1), world.scale.orders,
            self.order_lines, writer.files,
            writer.bytes, dict(sorted(writer.rows.items())), injected,
        )  # fmt: skip
        facts = {name: value for name, value in asdict(report).items() if name != "out"}
        facts |= {"seed": world.seed, "is_calm": world.scale.is_calm}
        (out / "truth" / "run.json").write_text(json.dumps(facts, default=str, indent=1), encoding="utf-8")
        return report


def _held(o: Cols, lines: Cols, f: Cols) -> Cols:
    """Hard reservations as intervals."""
    end = emit_fulfilment.reservation_end(o, lines, f)
    held = Cols(loc=f.loc, sku=lines.sku[f.li], qty=f.qty, begin=f.assigned, end=end)
    return join([held, inject_changes.held_twice(lines, f)])
