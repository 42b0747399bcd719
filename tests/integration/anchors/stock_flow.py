"""Stock over days: stock-outs, cover, sell-through, age, turns (K34 to K40)."""

from __future__ import annotations

from decimal import Decimal

from tests.integration.anchors.shape import DAY, Anchor, mean, share, total

# Chairs at D1, at the close of each day at cost: 28 + 4 days 4 × 55, 5 to 9 March 2 × 55, then none; 24 March 1 × 60
# (the return), 25th 9 × 60, 26th to 28th 8 × 60, 29th to 31st 5 × 60: 10,530 in 59 days. Sold 110 + 120, less 60 come
# back.
YEARLY, MEAN = f"{170 * 365 / 59:.6f}", f"{10530 / 59:.6f}"
DAYS_HELD = Decimal(MEAN) * 365 * DAY

ANCHORS: list[Anchor] = [
    # --- K34, days ranged and open on which nothing was available for half of the hours. D1's ledger opened on 10
    # January with bulbs on hold; it is open from Monday to Saturday, 06:00 to 22:00: from 11 January to 31 March 68
    # days, to 19 April 16 more. 9 March: no lamps, bulbs or books yet; two chairs.
    share("K34", 3, 4, day="2026-03-09"),
    # 10 March: the last chairs left at 11:00, five of sixteen hours after the opening.
    share("K34", 4, 4, day="2026-03-10"),
    # 10 April: books are out; lamps and bulbs of D1 and lamps of S1 are not; chairs were ranged to the end of March.
    share("K34", 1, 4, day="2026-04-10"),
    # Chairs: out to 31 January (18 days) and from 10 to 25 March (14), when eight came at 23:30.
    share("K34", 32, 68, category="furniture"),
    # Lamps and bulbs of D1 came on 1 April: 68 of 84 each; books never: 84; S1 knows its lamps from 2 April, 15 days.
    share("K34", 252, 335),
    share("K34", 0, 15, location="S1"),
    # --- K35, sold out before more comes. D1: lamps need 42 / 8 of 10 until PO4 on 1 June, bulbs and chairs sell
    # nothing. S1: lamps need 90 / 15 of 5 in the supplier's 90 days. Never in stock: D1's books, S1's bulbs, S2, P1.
    share("K35", 1, 4, no_data=4),
    share("K35", 1, 1, no_data=1, location="S1"),
    share("K35", 0, 1, category="furniture"),
    total("K35.value", 0, 3, no_data=1, location="D1"),
    # 90 / 15 - 5 = 1 lamp at a margin of 100 - 40.
    total("K35.value", "60.00", 1, no_data=1, location="S1"),
    # --- K36, cover in days at as_of. Lamps of D1: 10 available; in 28 days 16 in stock, 2 ordered (O10, O9): 1 / 8 a
    # day.
    mean("K36", 400 * DAY, "5.00", DAY, out=2, no_data=1, location="D1"),
    # Lamps of S1: 5 available, one sold in 15 days, 0.066667 a day at 40.00.
    mean("K36", 200 * DAY, "2.66668", DAY, no_data=1, location="S1"),
    # Out, without demand: bulbs and chairs of D1. No data, never in stock on a ranged day: D1's books, S1's bulbs,
    # S2, P1.
    mean("K36", 600 * DAY, "7.66668", DAY, out=2, no_data=4),
    # --- K37, units sold a day in stock, on the day of the order.
    # 7 April: O10's lamp; in stock are lamps and bulbs of D1 and lamps of S1.
    share("K37", 1, 3, out=1, day="2026-04-07"),
    # Chairs: O4 2 (of 3, one was cancelled) and O8 2 in 36 days.
    share("K37", 4, 36, out=32, category="furniture"),
    share("K37", 1, 15, location="S1"),
    # The web shop sold O10's lamp and O4's chairs on such days; the days are those of all.
    share("K37", 3, 83, out=None, channel="web"),
    # --- K38, sold of what was on offer, in windows of four weeks from Mondays.
    # To 15 March: D1's four chairs were all sold.
    share("K38", 4, 4, day="2026-03-15"),
    # To 12 April: lamps 1 of 20 at D1, 0 of 6 at S1, 0 of 1 at S2 (which sold later); bulbs 0 of 40, chairs 0 of 8.
    share("K38", 1, 75),
    # Closing: 17, 6, 1, 40, and 3 chairs.
    share("K38.of_closing", 1, 68),
    share("K38", 1, 67, category="lighting"),
    # --- K39, value older than 90 days at as_of: four bulbs on hold since 10 January, 100 days.
    # D1: lamps 19 × 40, bulbs 54 × 2.50, chairs 3 × 60 (of March and April; the first to come were the first to go); S1
    # lamps 5 × 40. S2 has less than nothing: no layer.
    share("K39", "10.00", "1275.00"),
    share("K39", "10.00", "1075.00", location="D1"),
    share("K39", "0.00", "180.00", category="furniture"),
    # --- K40, turns a year at month ends. February: 28 days of chairs without a sale, 4 × 55.
    share("K40", 0, "220.00", day="2026-02-28", category="furniture"),
    # March. A history of less than a year is carried to 365 days.
    share("K40", YEARLY, MEAN, category="furniture"),
    # With the bulbs on hold, 4 × 2.50 every day.
    share("K40", YEARLY, str(Decimal(MEAN) + 10)),
    mean("K40.dos", DAYS_HELD, YEARLY, DAY, category="furniture"),
    # The lighting of January: 22 days are too few.
    share("K40", 0, 0, no_data=1, day="2026-01-31"),
]
