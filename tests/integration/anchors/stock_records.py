"""What the records of stock are worth, and stock on its way (K31 to K33, K43 to K47)."""

from __future__ import annotations

from math import exp

from tests.integration.anchors.shape import DAY, HOUR, Anchor, mean, share, total

# D1's lamps: 190 h since the last movement, 12 April 10:00, 238 h since the last count, 10 April 10:00; they agreed.
LAMPS = f"{exp(-190 / 48) * exp(-238 / 24 / 180):.6f}"

ANCHORS: list[Anchor] = [
    # --- K31, first counts against the book: D1 lamps 19 of 19, bulbs 48 of 50 (the recount of 49 does not count), S1
    # lamps 7 of 6, S2 lamps 0 of -2.
    share("K31", 1, 4),
    share("K31", 1, 2, day="2026-04-10"),
    # S1's count was at 00:30 in Berlin, so on the 15th.
    share("K31", 0, 1, day="2026-04-15"),
    # Differences at cost: -2 × 2.50 + 1 × 40 + 2 × 40 = 115 of 760 + 125 + 240 - 80 = 1,045; without signs 125.
    share("K31.net", "115.00", "1045.00"),
    share("K31.abs", "125.00", "1045.00"),
    # A book below zero divides nothing.
    share("K31.net", "80.00", "-80.00", location="S2"),
    # Due by 19 April: D1's lamps and bulbs were counted, its chairs were not.
    share("K31.plan", 2, 3),
    share("K31.plan", 0, 1, day="2026-04-12"),
    # --- K32, differences of first counts by the step to blame, of that step's transactions.
    # Pick: the bulbs; D1 picked seven times.
    share("K32", 1, 7, process="pick"),
    # Receive: S1's lamps; received was once, the chairs.
    share("K32", 1, 1, process="receive"),
    # Nobody knows why S2's lamps differ.
    share("K32", 1, 0, process="UNKNOWN"),
    # Seven picks, seven packs, a receipt, a return and four counts.
    share("K32", 3, 20),
    share("K32", 1, 2, day="2026-04-10"),
    # --- K33, confidence. Bulbs and chairs of D1 disagreed at the last cut: 0; the lamps disagreed at noon only, which
    # does not count. Never moved or never compared: five.
    share("K33", LAMPS, 3, no_data=5),
    share("K33", LAMPS, 2, category="lighting", location="D1"),
    share("K33", 0, 1, category="furniture"),
    # --- K43, shrink at cost, of goods sold at cost: D1 110 + 120 + 40, S1 40, S2 120 = 430.
    # 29 March, the short day: three chairs have gone, and nothing was sold.
    share("K43", "180.00", 0, day="2026-03-29"),
    share("K43", "0.00", "120.00", day="2026-03-10"),
    # 3 × 60 less one found again.
    share("K43", "120.00", "430.00"),
    share("K43.gross", "180.00", "430.00"),
    # Damage: 2 lamps 80, 3 chairs 180. The returned chair that was scrapped had not been put back into stock.
    share("K43.known", "260.00", "430.00"),
    share("K43", "0.00", "120.00", location="S2"),
    # --- K44, reservations: RS1 of O9 and RS2 are in order; RS3 has expired; RS5 has expired, and O1 needs it no more.
    share("K44", 2, 4),
    share("K44.duplicate", 1, 4),
    share("K44.expired", 2, 4),
    share("K44", 1, 2, channel="web"),
    # --- K45, stock below zero at the last cuts: D1 4 items by its own system and 2 by the web shop, S1 2 and 1, P1
    # 1, S2 1, which is -2.
    share("K45", 1, 11),
    share("K45", 1, 3, interface="pos"),
    share("K45", 1, 1, day="2026-04-18", location="S2"),
    # --- K46, transfers. TR3: 28 March 12:00 to 29 March 12:00, 24 h by the sun though the clocks went forward.
    mean("K46", 24 * HOUR, 1, DAY, day="2026-03-29"),
    # TR2: 30 March 12:00 to 31 March 10:00.
    mean("K46", 46 * HOUR, 2, DAY),
    # TR1 and TR5 22 h; TR4 since 31 March 22:30, 19 d 9.5 h.
    mean("K46.open_age", (22 + 22 + 465.5) * HOUR, 3, DAY),
    # TR4 should have come by 5 April. TR3 came on its day; TR2, without a day of its own, is due two days after it left
    # and came after one. TR1 (21 April) and TR5 are not due.
    share("K46.late", 1, 3),
    share("K46.late", 0, 2, location="S1"),
    # 8.00 for 4 units received; TR2's cost is not told.
    share("K46.cost", "8.00", 4, no_data=1),
    # --- K47, transfers past their day: TR3 1 of 5 missing, TR4 3 of 3, TR2 none of 5.
    share("K47", 4, 13),
    share("K47", 3, 3, day="2026-04-05"),
    share("K47", 1, 10, location="S1"),
    # 1 × 2.50 + 3 × 6.00.
    total("K47.phantom", "20.50", 2),
]
