"""Numbers worked out by hand, three or more for each KPI, on a tiny set of extracts made by hand.

The extracts and the story of each order: ``data/sample/anchors``. They are landed and built once by the command; every
number below comes from their rows and the KPI's formula, with its working beside it. Instants in the files are UTC; a
day is one in Berlin (UTC+1, from 29 March UTC+2); as_of is 20 April 2026, 08:00 UTC, the last file's delivery.
Not here: independent programs of the formulas (``test_twins``), or rows for one model (dbt's unit tests).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from signalbox.metrics import percentiles, values
from signalbox.publish import Snapshot, open_snapshot
from signalbox.settings import PROJECT_ROOT, load_settings
from tests.conftest import signalbox

EXTRACTS = PROJECT_ROOT / "data" / "sample" / "anchors"
KPIS = ["K01", "K02", "K05", "K07", "K08", "K13", "K14", "K27", "K29", "K30", "K60", "K62", "K72", "K85", "K101"]
HOUR, DAY = 3600, 86400


@dataclass(frozen=True)
class Anchor:
    """One published figure. ``day`` None: all days together; durations in seconds; ``out`` and ``no_data`` are items.

    ``value``: in the measure's unit, None where nothing can be divided. ``out`` None: not asked (a slice by reason).
    """

    measure: str
    numerator: Decimal | float | str
    denominator: Decimal | float | str
    value: float | None
    out: int | None = 0
    no_data: int = 0
    day: str | None = None
    where: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return "-".join([self.measure, self.day or "all", *self.where.values()])


@dataclass(frozen=True)
class Rank:
    """Nearest-rank percentiles of a measure in its unit, which the histogram knows to 1 %."""

    measure: str
    p50: float
    p90: float
    p99: float
    day: str | None = None

    def __str__(self) -> str:
        return f"{self.measure}-{self.day or 'all'}-percentiles"


def web(**more: str) -> dict[str, str]:
    return {"channel": "web", **more}


ANCHORS = [
    # --- K01, perfect orders. Due: O1 O2 O3 O4 O7 O8 O10 O11 O12; O9 is promised for 22 April, after as_of.
    # O1 alone is due on 4 March and has all four flags. Out, on the days of their orders: O5, of which no line still
    # obliges us and so none has a due day, and the test order O6.
    Anchor("K01", 1, 1, 1.0, out=2, day="2026-03-04"),
    # 5 March: O3 was promised for 17:00 and came a day later, O7 was never ready: 0 of 2.
    Anchor("K01", 0, 2, 0.0, day="2026-03-05"),
    # O1 and O2 are perfect. Not on time: O3 O8 O11. Not in full: O4 O7. Documents: O10 captured 170.00, invoiced
    # 169.00. O12's tax code has no rate, so that its documents cannot be judged: no data. Out: O5 (cancelled in
    # time), O6 (test).
    Anchor("K01", 2, 8, 0.25, out=2, no_data=1),
    # Pickups: O2 ready in time and collected, O7 not found.
    Anchor("K01", 1, 2, 0.5, where={"order_type": "pickup"}),
    # A flag that can be judged stands although O12's documents cannot: 9 orders due, O4 and O7 are short.
    Anchor("K01.in_full", 7, 9, 7 / 9, out=2),
    # Late or early: O3 O4 (never complete) O7 O8 O11.
    Anchor("K01.on_time", 4, 9, 4 / 9, out=2),
    # Incomplete O4 and O7 cannot have right documents, O10 has wrong ones: 8 judged - 3.
    Anchor("K01.docs_ok", 5, 8, 5 / 8, out=2, no_data=1),
    # Due on 11 March: O8, of which a chair came back damaged, and O11.
    Anchor("K01.condition_ok", 1, 2, 0.5, day="2026-03-11"),
    # Lines due: O1 2, O2 1, O3 1, O4 2, O7 1, O8 1, O10 1, O11 1 (the kit) = 10; perfect: O1's two and O2's.
    # No data: O12. Out: O5, O6, the gift card of O10, the two components of O11's kit.
    Anchor("K01.line", 3, 10, 0.3, out=5, no_data=1),
    # --- K02, promise kept, by line and day of the promise.
    # O1's two lines were promised for 4 March, 07:00 to 17:00, and came at 09:00. O6 (test) has no promise: its own
    # day.
    Anchor("K02", 2, 2, 1.0, out=1, day="2026-03-04"),
    # 11 March: O8 came at 06:00, an hour before its window; of the kit of O11 two bulbs came a day late.
    Anchor("K02", 0, 2, 0.0, day="2026-03-11"),
    Anchor("K02.early", 1, 2, 0.5, day="2026-03-11"),
    Anchor("K02.late", 1, 2, 0.5, day="2026-03-11"),
    # O10: the customer asked for 10 April instead of the 9th, so that is the first promise, and it was kept.
    Anchor("K02", 1, 1, 1.0, day="2026-04-10"),
    # Kept: O1 2, O2, O10, O12 = 5. Early: O8. Late: O3, O4 2 (short; cancelled by us), O7, O11 = 5. 5 + 1 + 5 = 11.
    # Out: O5, O6, gift card, two components.
    Anchor("K02", 5, 11, 5 / 11, out=5),
    Anchor("K02.late", 5, 11, 5 / 11, out=5),
    # Current promise: O3 came on 6 March, 18:00, within its second promise, 6 March 07:00 to 7 March 17:00.
    Anchor("K02.current", 1, 1, 1.0, day="2026-03-07"),
    # O3's promise slipped from 5 to 7 March, 17:00 = 48 h; O7's did not: 48 h / 2 lines.
    Anchor("K02.slip", 48 * HOUR, 2, 24.0, day="2026-03-05"),
    # Late and complete: O3 5 March 17:00 to 6 March 18:00 = 25 h; O11 11 March 17:00 to 12 March 10:00 = 17 h; 42 / 2.
    # Out: the five above, and O4's two lines and O7, which never were complete.
    Anchor("K02.lateness", 42 * HOUR, 2, 21.0, out=8),
    # --- K05, cycle time, by day of completion.
    # O1: 2 March 09:00 to 4 March 09:00 = 48 h, in stages: 1 + 0.5 + 21.5 + 2 + 1 + 22 = 48.
    Anchor("K05", 48 * HOUR, 1, 48.0, day="2026-03-04"),
    Anchor("K05.release", 1 * HOUR, 1, 1.0, day="2026-03-04"),
    # O1's last line was allocated at 10:30 (the first at 10:20) after release at 10:00.
    Anchor("K05.allocate", 0.5 * HOUR, 1, 0.5, day="2026-03-04"),
    # Allocated 2 March 10:30, last line picked 3 March 08:00.
    Anchor("K05.pick", 21.5 * HOUR, 1, 21.5, day="2026-03-04"),
    Anchor("K05.pack", 2 * HOUR, 1, 2.0, day="2026-03-04"),
    Anchor("K05.ship", 1 * HOUR, 1, 1.0, day="2026-03-04"),
    Anchor("K05.deliver", 22 * HOUR, 1, 22.0, day="2026-03-04"),
    # The pickup O2: 2 March 20:00 to 5 March 10:00 = 62 h, of which 43 h it lay ready (3 March 15:00). O7 never
    # completed.
    Anchor("K05", 62 * HOUR, 1, 62.0, where={"order_type": "pickup"}),
    Anchor("K05.collect", 43 * HOUR, 1, 43.0),
    # O4 ends with its last unit that was not cancelled: 3 March 10:00 to 6 March 09:00 = 71 h.
    Anchor("K05", 71 * HOUR, 1, 71.0, day="2026-03-06", where=web()),
    # O1 48, O2 62, O3 82 (3 March 08:00 to 6 March 18:00), O4 71, O8 46, O10 72, O11 73, O12 52 = 506 h / 8.
    # Cancelled whole (O5, O7) and open (O9) have no cycle time.
    Anchor("K05", 506 * HOUR, 8, 63.25),
    # O9: 19 April 09:00 to as_of, 20 April 08:00. Out: the test order.
    Anchor("K05.open_age", 23 * HOUR, 1, 23.0, out=1),
    # --- K07, cancelled units.
    # Ordered: O1 3, O2 1, O3 3, O4 7, O5 2, O7 1, O8 2, O9 1, O10 1, O11 3 (the kit's parts), O12 2 (before the
    # customer took one back) = 26. Cancelled: O4 1 + 4, O5 2, O7 1, O12 1 = 9. Out: O6, the kit itself, the gift
    # card.
    Anchor("K07", 9, 26, 9 / 26, out=3),
    # 2 March holds O1 (3 units) and O2 (1), ordered at 21:00 in Berlin: nothing cancelled.
    Anchor("K07", 0, 4, 0.0, day="2026-03-02"),
    # By reason over all units ordered: no stock 1 + 4 of O4; the customer 2 of O5 and 1 of O12.
    Anchor("K07", 5, 26, 5 / 26, out=None, where={"reason": "retailer:no_stock"}),
    Anchor("K07", 3, 26, 3 / 26, out=None, where={"reason": "customer:customer"}),
    # At D1: O1 3, O4's chairs 3 (one cancelled there), O8 2, O9 1, O10 1, O11 3 = 13. The kit itself is out there.
    Anchor("K07", 1, 13, 1 / 13, out=1, where={"location": "D1"}),
    # Never allocated: O4's bulbs 4, O5 2, the unit that O12's customer took back before = 7, all of them cancelled.
    Anchor("K07", 7, 7, 1.0, out=2, where={"location": "NONE"}),
    # --- K08, orders with an exception, by day of the order.
    Anchor("K08", 0, 2, 0.0, day="2026-03-02"),
    # 3 March: O3 missed its promise (E12). O4 found no stock (E07b) and was oversold (E27) later: one order, at the
    # first.
    Anchor("K08", 2, 2, 1.0, day="2026-03-03"),
    Anchor("K08", 1, 2, 0.5, out=None, day="2026-03-03", where={"reason": "E07b"}),
    # O12 was delivered in time, but its scan came two hours after we had to take it for missed: retracted, a false
    # alarm.
    Anchor("K08", 0, 1, 0.0, day="2026-04-13"),
    # O3 E12, O4 E07b, O7 E24 (its E27 is later), O11 E12; of 12 orders less the test order.
    Anchor("K08", 4, 11, 4 / 11, out=1),
    # Cases: CS1 asks where O3 is, CS2 on O8 was escalated. Not: CS3 (a refund), CS4 (30 days and a second after O1).
    Anchor("K08.escalations", 2, 11, 2 / 11 * 1000, out=1),
    Anchor("K08.escalations", 2, 2, 1000.0, where={"channel": "market"}),
    # --- K13, oversold units.
    # 2 March: O1 1 lamp (10 shown) and 2 bulbs (50 shown), O2 1 lamp.
    Anchor("K13", 0, 4, 0.0, day="2026-03-02"),
    # 3 March: O3 3 books (20 shown); O4 3 chairs (5 shown), one backordered and then cancelled for no stock: one
    # unit, once; O4 4 bulbs while 2 were shown: all cancelled for no stock, but never covered: 1 of 3 + 3 + 4.
    Anchor("K13", 1, 10, 0.1, day="2026-03-03"),
    # Chairs: O4 1 of 3, O7 1 of 1 (not found). O8's channel never showed chairs: out.
    Anchor("K13", 2, 4, 0.5, out=1, where={"category": "furniture"}),
    # O1 3, O2 1, O3 3, O4 7, O5 2, O7 1, O9 1, O10 1, O11 3 = 22. Out: O6, O8, the kit, the gift card, O12 (no books
    # shown).
    Anchor("K13", 2, 22, 2 / 22, out=5),
    # --- K14, manual interventions per 1,000 orders, by day of closing.
    # 4 March: O1 delivered (picked by people: ordinary work), O5 cancelled by the customer: none.
    Anchor("K14", 0, 2, 0.0, day="2026-03-04"),
    # 6 March: O3 and O4 delivered, O7 cancelled. Staff cancelled a chair of O4, and O7; looking for O7's is no
    # intervention.
    Anchor("K14", 2, 3, 2 / 3 * 1000, day="2026-03-06"),
    # O10: a hold released and an edit, by people; the hold was placed by the system.
    Anchor("K14", 2, 1, 2000.0, day="2026-04-10"),
    # O4 1, O7 1, O10 2; closed: O1 O2 O3 O4 O5 O7 O8 O10 O11 O12. The edit of O9 waits until O9 closes.
    Anchor("K14", 4, 10, 400.0),
    Anchor("K14", 2, 10, 200.0, out=None, where={"reason": "cancelled"}),
    # --- K27, available to sell at as_of.
    # D1 lamps: sellable 20 - 1 shipped - 2 damaged = 17; less 1 hard, 3 soft (2 more have expired), 4 - 1 still to
    # leave for S2 = 10; less safety stock 2 = 8. D1 bulbs: 40 (10 on hold never count) less safety stock 5 (since 1
    # April) = 35.
    Anchor("K27", 43, 2, 43.0, where={"location": "D1", "category": "lighting"}),
    # S2 sold 3 of 1: -2, and shows 0; it takes nothing from the others.
    Anchor("K27", 0, 1, 0.0, where={"location": "S2"}),
    # P1 has no ledger: its last complete snapshot, 30 gross of reservations less 2 damaged.
    Anchor("K27", 28, 1, 28.0, where={"location": "P1"}),
    # S1: lamps 6 - 1 - safety 1 - presentation 2 = 2; bulbs 7 (snapshot). D1 books 0, chairs 3 (snapshot).
    # 8 + 35 + 0 + 2 + 7 + 0 + 3 + 28 = 83, eight pairs of item and location.
    Anchor("K27", 83, 8, 83.0),
    # Web sells from everywhere. Lamps 8 + 2 + 0 less 1 protected for stores and 3 for the marketplace, which draw on
    # the same places = 6. Bulbs 35 + 7 = 42: the marketplace's quota protects nothing.
    Anchor("K27.channel", 48, 2, 48.0, where=web(category="lighting")),
    # The marketplace sells from D1 and P1. Lamps 8: stores draw on other places, so that their 1 is no limit here,
    # and it has no quota of its own for lamps. Bulbs: quota 12 of 35.
    Anchor("K27.channel", 20, 2, 20.0, where={"channel": "market", "category": "lighting"}),
    # Books: 28 at P1, and backorders allowed: 10 of PO3, due on 25 April, within 14 days.
    Anchor("K27.channel", 38, 1, 38.0, where={"channel": "market", "category": "books"}),
    # --- K29, latency of stock messages.
    # M1 40 s, M2 20 s, M5 480 s; M4 was overtaken by M5 and counts as applied with it: 10:00 to 10:10 = 600 s.
    # 1,140 / 4. Out: M3, a second delivery of M2's version. No data: M6, applied ten seconds before it happened.
    Anchor("K29", 1140, 4, 285.0, out=1, no_data=1, day="2026-03-02"),
    # From the tills: M8 600 s; M7 was never applied: out here, a breach there. M8 took exactly its service level.
    Anchor("K29", 600, 1, 600.0, out=1, where={"interface": "pos>ecommerce:stock"}),
    Anchor("K29.breach", 1, 2, 0.5, day="2026-03-03"),
    # Service level 300 s: M4 and M5 are beyond it, M1 and M2 are not.
    Anchor("K29.breach", 2, 4, 0.5, out=1, no_data=1, day="2026-03-02"),
    # 1,140 + 600 + 1,200 (M10). Out: M3, M7, M11 (not applied yet). The price message M9 is none of these.
    Anchor("K29", 2940, 6, 490.0, out=3, no_data=1),
    # M7 since 3 March 09:00: 47 d 23 h = 4,143,600 s; M11 since 07:58: 120 s.
    Anchor("K29.open_lag", 4143720, 2, 2071860.0),
    # --- K30, stock records that disagree, at the last cut, 18 April 20:00.
    # D1, wms against web shop (which shows stock net of reservations). Lamps 19 - (15 + 1) - 2 on their way (M10) =
    # 1: within 1 unit. Bulbs 200 - 195 + 2 (M4: units that never arrived) = 7 > 4 (2 %). Books, ranged, 0 and 0.
    # Chairs 3 against none in a complete snapshot = 3 > 1. Out: the cut at noon: lamps, and bulbs and books as
    # ranged.
    Anchor("K30", 2, 4, 0.5, out=3, where={"interface": "wms>ecommerce:stock"}),
    # S1, tills against web shop. Bulbs 7 - 6 = 1: within. Lamps are missing from a partial snapshot: no data.
    Anchor("K30", 0, 1, 0.0, no_data=1, where={"interface": "pos>ecommerce:stock"}),
    Anchor("K30", 2, 5, 0.4, out=3, no_data=1),
    # Lamps 1 × 40.00, bulbs 7 × 2.50 and 1 × 2.50, chairs 3 × 60.00 = 240.00 of
    # 19 × 40.00 + 200 × 2.50 + 7 × 2.50 + 3 × 60.00 = 760.00 + 500.00 + 17.50 + 180.00 = 1,457.50.
    Anchor("K30.value", "240.00", "1457.50", 240 / 1457.5, out=3, no_data=1),
    # --- K60, return rate, by day of the sale.
    # O1: 3 units delivered on 4 March, one bulb sent back.
    Anchor("K60", 1, 3, 1 / 3, day="2026-03-04"),
    # 5 March: O2's lamp collected, its return asked for after 32 days: not counted. T1: 4 bulbs, 2 brought back.
    Anchor("K60", 2, 5, 0.4, day="2026-03-05"),
    # 6 March: O3 3 books (return withdrawn), O4 2 chairs, T2 1 lamp.
    Anchor("K60", 0, 6, 0.0, day="2026-03-06"),
    # Older than 30 days: O1 3, O2 1, O3 3, O4 2, O8 2, O11 3, T1 4, T2 1 = 19. Returned: R1 1, R2 1, R3 2, and R6 1,
    # refunded without return. Out: O10, O12 and T3 (their 30 days run), and the kit, which counts as its parts.
    Anchor("K60", 5, 19, 5 / 19, out=4),
    # T1's customer gave no reason: UNKNOWN.
    Anchor("K60", 2, 19, 2 / 19, out=None, where={"reason": "UNKNOWN"}),
    # Flow, 12 March: R1 1 received; sold that day: the 2 bulbs of O11. Its kit is complete that day, and out.
    Anchor("K60.flow", 1, 2, 0.5, out=1, day="2026-03-12"),
    # R7 came back on 18 March from a sale that nobody knows: in the flow, under UNKNOWN, with nothing to divide by.
    Anchor("K60.flow", 1, 0, None, where={"channel": "UNKNOWN"}),
    # --- K62, return settlement, by day of settlement.
    # R1: 10 March 09:00 to 15 March 12:00 = 123 h.
    Anchor("K62", 123 * HOUR, 1, 5.125, day="2026-03-15"),
    # R2: the second of its two refunds arrived: 20 March 08:00 to 27 March 08:00.
    Anchor("K62", 7 * DAY, 1, 7.0, day="2026-03-27"),
    # R3: paid at the till at once.
    Anchor("K62", 0, 1, 0.0, day="2026-03-07"),
    # 123 + 168 + 0 + 24 (R6, without return) = 315 h / 4. Not accepted: R4 (refused), R5 (withdrawn), R7 (not
    # inspected).
    Anchor("K62", 315 * HOUR, 4, 315 / 24 / 4),
    # Credit memos of 14 March: R1 two days after receipt; R6 had nothing to receive: out.
    Anchor("K62.credit_memo", 2 * DAY, 1, 2.0, out=1, day="2026-03-14"),
    # R7 since 16 March 08:00.
    Anchor("K62.open_age", 35 * DAY, 1, 35.0),
    # --- K72, contribution; the waterfalls of single orders are below. Contribution / net sales:
    # web   O1 50.30 / 95, O2 58.50 / 100, O4 89.20 / 200, O10 52.70 / 100, O11 32.50 / 90, O12 2.90 - 3.20 = -0.30 / 10
    Anchor("K72", "282.90", "595.00", 282.9 / 595, where=web()),
    # market O3 6.30 / 36, O8 -46.60 / 120, storage -10.00 GBP × 1.25 (its own day, it belongs to no sale) = -12.50
    Anchor("K72", "-52.80", "156.00", -52.8 / 156, where={"channel": "market"}),
    # store  T1 3.00 / 10, T2 39.05 / 80, T3 60.00 / 100; the voided T4 is none
    Anchor("K72", "102.05", "190.00", 102.05 / 190, where={"channel": "store"}),
    # R7 without a known sale: 2.50 of goods back - 1.00 handling, and no sales to divide by
    Anchor("K72", "1.50", 0, None, where={"channel": "UNKNOWN"}),
    # 282.90 - 52.80 + 102.05 + 1.50; 595 + 156 + 190
    Anchor("K72", "333.65", "941.00", 333.65 / 941),
    # O1's lamp, the only line with the promotion: 100.00 - 4.00 - 6.00 - 40.00 + 4.00 = 54.00; + shipping 4.50 (of
    # 5.00, by value 90 of 100) - 0.80 pick and pack - 4.40 freight (2 of 3 kg of 6.60) - 1.08 payment fee (of 1.20) =
    # 52.22
    Anchor("K72", "52.22", "90.00", 52.22 / 90, where={"promotion": "PR1"}),
    # 13 March has only refunds, O1 5.00 and O11 20.00: negative net sales divide nothing.
    Anchor("K72", "-25.00", "-25.00", None, day="2026-03-13"),
    # Gross margin: O1 56.50, O2 60, O3 18, O4 90, O8 0, O10 60, O11 45, O12 4, T1 5, T2 40, T3 60, R7 2.50 = 441.00
    Anchor("K72.gross_margin", "441.00", "941.00", 441 / 941),
    # Cohort of 2 March: O1 50.30 + O2 58.50, with O1's refund of 13 March on the day of its order: 95 + 100.
    Anchor("K72.cohort", "108.80", "195.00", 108.8 / 195, day="2026-03-02"),
    # --- K85, lead times.
    # PO1, sent 2 March, quoted 10 d, tolerance 1 d, so due on the 13th: lamps in 10 d; bulbs complete in 12 d (10 of
    # the last 60 were rejected, and 50 + 50 are the 100): a miss.
    Anchor("K85", 1, 2, 0.5, day="2026-03-13"),
    # PO2's chairs: sent 3 March 23:30 UTC = 4 March in Berlin, closed short on 25 March 23:30 in Berlin = 21 d;
    # quoted 20, tolerance 10 % = 2 d. Due 25 March 23:30 UTC = the 26th.
    Anchor("K85", 1, 1, 1.0, day="2026-03-26"),
    # PO4: 14 d + 1.4 d after 20 March 10:00 = 4 April 19:36, and nothing came.
    Anchor("K85", 0, 1, 0.0, day="2026-04-04"),
    # Out: PO2's cancelled line. No data: PO2's books, nothing quoted. PO3 is due on 21 April, after as_of.
    Anchor("K85", 2, 4, 0.5, out=1, no_data=1),
    # V1: 10 + 12 d. All: + 21 + 16 (books, 4 to 20 March) = 59. To the first receipt: 10 + 9 + 21 + 16 = 56.
    Anchor("K85.days", 22 * DAY, 2, 11.0, where={"supplier": "V1"}),
    Anchor("K85.days", 59 * DAY, 4, 14.75),
    Anchor("K85.first", 56 * DAY, 4, 14.0),
    # 0 + 2 + 1; the books had no quote.
    Anchor("K85.slip", 3 * DAY, 3, 1.0, no_data=1),
    # --- K101, deliveries.
    # Orders of 19 April, due on the 20th at 01:30 + 60 min in Berlin, came at 01:00.
    Anchor("K101", 1, 1, 1.0, day="2026-04-20", where={"interface": "sales_order"}),
    # Bank: the 17th came in time, the 18th never, the 19th at 10:00 in Berlin, an hour after 07:00 + 120 min.
    Anchor("K101", 1, 3, 1 / 3, where={"interface": "bank_deposit"}),
    # Items are weekly: the first delivery on a Wednesday, then the Sunday.
    Anchor("K101", 2, 2, 1.0, where={"interface": "product"}),
    # Cases came in time, but one of five rows has no date: not within contract.
    Anchor("K101", 0, 1, 0.0, where={"interface": "customer_case"}),
    Anchor("K101.rejected", 1, 5, 0.2, where={"interface": "customer_case"}),
    # 47 feeds on 19 April, + items of the 15th + bank of the 17th and 18th = 50; missed: bank 2, cases 1.
    Anchor("K101", 47, 50, 0.94),
]
RANKS = [
    # 46 48 52 62 71 72 73 82: the 4th, the 8th (7.2), the 8th
    Rank("K05", 62, 82, 82),
    # 20 40 480 600: the 2nd, the 4th (3.6), the 4th
    Rank("K29", 40, 600, 600, day="2026-03-02"),
    # 20 40 480 600 600 1,200: the 3rd, the 6th (5.4), the 6th
    Rank("K29", 480, 1200, 1200),
    # 0, 24, 123, 168 h, in days
    Rank("K62", 1, 7, 7),
    # 10 12 16 21 d
    Rank("K85.days", 12, 21, 21),
]
WATERFALLS = {
    # Prices hold 19 % tax. Lamp 119.00 / 1.19 = 100.00, bulbs 11.90 / 1.19 = 10.00; discount 10.00 ex tax, 4.00 of it
    # the supplier's. One bulb came back: 5.95 / 1.19 = 5.00. Net sales 110 - 4 - 6 - 5 = 95.00. Goods 40.00 + 2 ×
    # 2.50, less 2.50 for the bulb back in stock. Shipping 5.95 / 1.19. Pick and pack 3 × (0.50 + 0.30). Freight 6.00
    # + 0.60. Handling of the return 1 × 1.00. Contribution 95 - 42.5 + 4 + 5 - 2.4 - 6.6 - 1.2 - 1 = 50.30.
    "O1": {
        "gross_sales": "110.00",
        "funded_discount": "-4.00",
        "unfunded_discount": "-6.00",
        "refund": "-5.00",
        "cogs": "-42.50",
        "supplier_funding": "4.00",
        "shipping_revenue": "5.00",
        "fulfilment": "-2.40",
        "freight": "-6.60",
        "payment_fee": "-1.20",
        "return_handling": "-1.00",
    },
    # In pounds, at 1.20 of the order's day although 1.25 holds from 10 March. 238.00 / 1.19 × 1.20 = 240.00. One of
    # two chairs refunded in two parts, 2 × 50.00 × 1.20 = 120.00. Goods 2 × 60.00 (cost from 10 March, when they
    # left), less 60.00 received back, written down when scrapped. Pick and pack 2 × 0.80. Referral 20.00 × 1.20. 240
    # - 120 - 60 - 60 - 1.6 - 20 - 24 - 1 = -46.60.
    "O8": {
        "gross_sales": "240.00",
        "refund": "-120.00",
        "cogs": "-60.00",
        "return_writedown": "-60.00",
        "fulfilment": "-1.60",
        "freight": "-20.00",
        "marketplace_fee": "-24.00",
        "return_handling": "-1.00",
    },
    # 2 of 3 chairs left: 200.00, goods 2 × 55.00 (cost before 10 March), pick and pack 2 × 0.80; the bulbs were
    # cancelled. Shipping 19.04 / 1.19 = 16.00 stands whole. 200 - 110 + 16 - 1.6 - 12 - 3.2 = 89.20.
    "O4": {
        "gross_sales": "200.00",
        "cogs": "-110.00",
        "shipping_revenue": "16.00",
        "fulfilment": "-1.60",
        "freight": "-12.00",
        "payment_fee": "-3.20",
    },
    # The customer took one of two books back, so the line's last version has one: 10.70 / 1.07 = 10.00, and that one
    # left. Standard cost 6.00 stands in for the landed one. Logistics provider 1 × 1.10. 10 - 6 - 1.1 - 3 - 0.2 =
    # -0.30.
    "O12": {
        "gross_sales": "10.00",
        "cogs": "-6.00",
        "fulfilment": "-1.10",
        "freight": "-3.00",
        "payment_fee": "-0.20",
    },
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """The hand-made extracts, landed and built by the command."""
    home: Path = tmp_path_factory.mktemp("anchors") / "home"
    signalbox(home, "land", str(EXTRACTS))
    signalbox(home, "build")
    with open_snapshot(load_settings(home)) as snapshot:
        yield snapshot


def test_the_build_stands_at_the_last_delivery(published: Snapshot) -> None:
    assert published.as_of == datetime(2026, 4, 20, 8)


@pytest.mark.parametrize("anchor", ANCHORS, ids=str)
def test_a_figure_is_what_was_worked_out_by_hand(anchor: Anchor, published: Snapshot) -> None:
    rows = values(
        published.con,
        anchor.measure,
        grain="day" if anchor.day else "all",
        start=anchor.day,
        end=anchor.day,
        where=anchor.where,
    ).to_pylist()
    assert len(rows) == 1, rows
    (row,) = rows
    expected = (Decimal(str(anchor.numerator)), Decimal(str(anchor.denominator)), anchor.no_data)
    assert (row["numerator"], row["denominator"], row["no_data"]) == expected
    assert row["value"] == (None if anchor.value is None else pytest.approx(anchor.value, rel=1e-12))
    if anchor.out is not None:
        assert row["excluded"] == anchor.out


@pytest.mark.parametrize("rank", RANKS, ids=str)
def test_percentiles_are_those_of_the_items_counted_by_hand(rank: Rank, published: Snapshot) -> None:
    (row,) = percentiles(
        published.con,
        rank.measure,
        grain="day" if rank.day else "all",
        start=rank.day,
        end=rank.day,
        quantiles=(0.5, 0.9, 0.99),
    ).to_pylist()
    assert [row["p50"], row["p90"], row["p99"]] == pytest.approx([rank.p50, rank.p90, rank.p99], rel=0.01)


@pytest.mark.parametrize("order_id", WATERFALLS)
def test_every_step_of_an_order_is_what_was_worked_out_by_hand(order_id: str, published: Snapshot) -> None:
    found = published.con.execute(
        "select step_code, sum(amount) from fct_contribution where order_id = ? group by step_code", [order_id]
    ).fetchall()
    assert dict(found) == {step: Decimal(amount) for step, amount in WATERFALLS[order_id].items()}


def test_the_steps_add_up_to_the_contribution(published: Snapshot) -> None:
    """Each step over all orders and tills, from the same rows as above."""
    table = values(published.con, "K72.amount", by="reason", grain="all")
    found = dict(zip(table["reason"].to_pylist(), table["numerator"].to_pylist(), strict=True))
    expected = {
        # O1 110, O2 100, O3 36, O4 200, O8 240, O10 100, O11 110, O12 10, T1 20, T2 100, T3 100; a gift card is no sale
        "gross_sales": "1126.00",
        "funded_discount": "-4.00",
        # O1 6.00, T2 23.80 / 1.19
        "unfunded_discount": "-26.00",
        # O1 5, O8 120, O11 20, T1 10
        "refund": "-155.00",
        # O1 42.5, O2 40, O3 18, O4 110, O8 60, O10 40, O11 45, O12 6, T1 10 - 5 back, T2 40, T3 40; R7 2.5 back
        "cogs": "-444.00",
        "supplier_funding": "4.00",
        "return_writedown": "-60.00",
        # O1 5, O4 16
        "shipping_revenue": "21.00",
        # O1 2.4, O2 0.7 + 0.2 (store), O3 3 × 1.1, O4 1.6, O8 1.6, O10 0.8, O11 2.4, O12 1.1
        "fulfilment": "-14.10",
        # 6.6 + 4.8 + 12 + 20 + 5 + 9 + 3
        "freight": "-60.40",
        # O1 1.2, O2 0.6, O4 3.2, O10 1.5, O11 1.1, O12 0.2, T2 0.95
        "payment_fee": "-8.75",
        # O3 3 × 1.2, O8 20 × 1.2, storage 10 × 1.25
        "marketplace_fee": "-40.10",
        # R1 1, R2 1, R3 2, R7 1
        "return_handling": "-5.00",
    }
    assert found == {step: Decimal(amount) for step, amount in expected.items()}
    assert sum(found.values()) == Decimal("333.65")


def test_each_kpi_has_three_anchors_and_more_than_one_kind() -> None:
    """At least three figures a KPI, and not all of one kind: a day, the whole, a slice, a further measure."""
    counted = Counter(anchor.measure.split(".")[0] for anchor in ANCHORS)
    assert {kpi: counted[kpi] for kpi in KPIS if counted[kpi] < 3} == {}
    assert set(counted) == set(KPIS)
    for kpi in KPIS:
        kinds = {
            (anchor.measure, anchor.day is None, tuple(anchor.where))
            for anchor in ANCHORS
            if anchor.measure.split(".")[0] == kpi
        }
        assert len(kinds) >= 2, kpi
