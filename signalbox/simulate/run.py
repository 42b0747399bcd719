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

from signalbox.simulate import catalogue, demand, emit_orders, fulfil, network
from signalbox.simulate.clock import Clock
from signalbox.simulate.demand import World
from signalbox.simulate.scales import LAST_DAY, resolve
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
    writer = Writer(Path(out) / "extracts", clock, seed, _lookups(world))
    for entity, frame in (network.master_frames(net, clock) | catalogue.master_frames(world.cat, net, clock, seed)).items():
        writer.push(entity, frame)
    counts = demand.day_counts(world, "orders", size.orders)
    pieces = demand.slices(world, counts)
    lines_total = 0
    for number, (first, end) in enumerate(pieces):
        if progress:
            progress(f"days {first + 1} to {end}", number, len(pieces))
        lines_total += _slice(world, writer, counts, first, end)
        writer.flush(end)
    report = SimReport(Path(out), scale, clock.first, last, size.orders, lines_total, writer.files, writer.bytes, dict(writer.rows), 0)
    truth = Path(out) / "truth"
    truth.mkdir(parents=True, exist_ok=True)
    (truth / "run.json").write_text(json.dumps(asdict(report) | {"seed": seed}, default=str, indent=1), encoding="utf-8")
    return report


def _lookups(world: World) -> dict[str, pl.Series]:
    places, items = pl.Series(world.net.ids), pl.Series(world.cat.sku)
    promos = pl.Series(catalogue.promo_name(np.arange(world.cat.promo_start.size)))
    codes = pl.Series([f"{c}-{t}" for c in network.COUNTRIES for t in network.TAX_CATEGORIES])
    return {
        "location_id": places, "pickup_location_id": places, "from_location_id": places, "to_location_id": places,
        "return_location_id": places, "sku": items, "promotion_id": promos, "tax_code": codes,
    }  # fmt: skip


def _slice(world: World, writer: Writer, counts: np.ndarray, first: int, end: int) -> int:
    o = demand.orders(world, counts, first, end)
    lines = demand.order_lines(world, o, first)
    demand.add_totals(o, lines)
    fulfil.head_times(world, o, first)
    fulfil.plan_lines(world, o, lines, first)
    fulfil.promises(world, o, lines)
    f = fulfil.fulfil(world, o, lines, first)
    s = fulfil.ship(world, o, lines, f, first)
    p = fulfil.pickup_times(world, o, f, first)
    frames = emit_orders.headers(world, o) | emit_orders.line_frames(world, o, lines)
    frames |= {"promise": emit_orders.promise_frame(o, lines), "order_event": emit_orders.events(world, o, lines, f, s, p)}
    frames |= emit_orders.allocation(o, lines, f) | emit_orders.shipments(o, lines, f, s)
    frames |= {"wms_task": emit_orders.warehouse_tasks(world, o, lines, f), "pickup_task": emit_orders.pickup_tasks(o, lines, p)}
    for entity, frame in frames.items():
        writer.push(entity, frame)
    return int(lines.at.size)
