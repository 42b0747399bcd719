"""Promotions, prices, approvals and supplier funding (section C)."""

from __future__ import annotations

from tests.integration.anchors.shape import DAY, HOUR, MINUTE, mean, share, total

ANCHORS = [
    # --- K50, PR1 of lamps at 107.10, 1 March 00:00 to 8 March 00:00, in the web shop, S1 and S2. PR2 is a draft.
    # Web: live at 00:03, gone at 00:02, within 5 minutes. S1: live at 02:00, an hour of 166 too late (99.4 % of the
    # time after the tolerance of 60 minutes), gone at 00:30. S2 never showed it.
    share("K50", 2, 3),
    share("K50", 1, 1, channel="web"),
    share("K50", 2, 3, day="2026-03-08", promotion="PR1"),
    # Live by the start and its tolerance: the web shop alone.
    share("K50.start", 1, 3, day="2026-03-01"),
    share("K50.start", 0, 1, location="S1"),
    # --- K51, from when a price holds to when it is live.
    # 1 March: web 3 min, S1 120 min; S2 has no lag, since it never was live.
    mean("K51", 123 * MINUTE, 2, MINUTE, day="2026-03-01"),
    # Lamps: web 0, 3 and 2 min, S1 30 and 120; bulbs of S1 0 (two hours early) and 20; books 10.
    mean("K51", 185 * MINUTE, 8, MINUTE),
    mean("K51", 10 * MINUTE, 1, MINUTE, channel="market"),
    share("K51.early", 1, 8),
    # Later than 15 minutes online, 60 at tills, or never: S1 and S2 with the promotion.
    share("K51.not_live", 2, 9),
    # The first price of lamps: web at 00:00, S1 at 00:30. S2 keeps the second from being everywhere.
    mean("K51.spread", 30 * MINUTE, 1, MINUTE, out=1),
    # --- K52, approvals in working hours, Monday to Friday 08:00 to 17:00.
    # AR2: Friday 27 March 16:00 to Monday 30 March 09:00, over the night when the clocks change: 1 + 1 h.
    mean("K52", 2 * HOUR, 1, HOUR, day="2026-03-30"),
    # AR5: Thursday 2 April 16:30 to Tuesday 7 April 08:30, over Easter: 0.5 + 0.5 h.
    mean("K52", 3 * HOUR, 2, HOUR, process="refund"),
    # AR1 19 February 09:00 to 20 February 10:00 = 8 + 2 h; AR4 9 April 10:00 to Monday 13 April 10:00 = 7 + 9 + 2 h.
    mean("K52", 31 * HOUR, 4, HOUR),
    # AR3: Friday 17 April 12:00 to now, Monday 10:00 = 5 + 2 h.
    mean("K52.open_age", 7 * HOUR, 1, HOUR),
    # PR1 was decided before its start, PR2 three days after it.
    share("K52.after_start", 1, 2),
    share("K52.after_start", 1, 1, day="2026-04-10"),
    # --- K53, what was charged for lamps during PR1, 107.10 each.
    # O1 119.00 - 11.90 = 107.10. O2 and O5 paid 119.00, 11.90 and 2 × 11.90 too much; T2 95.20, 11.90 too little.
    share("K53", 3, 4),
    share("K53", 1, 2, day="2026-03-02"),
    share("K53", 1, 1, channel="store"),
    total("K53.over", "35.70", 4),
    total("K53.under", "11.90", 4),
    # --- K54, prices that conflict or lie below the floor, at the end of each day. Priced: lamps web and store, bulbs
    # of the stores and of S1, books.
    share("K54", 0, 5, day="2026-04-09"),
    # From 10 April bulbs have two prices of equal rank at S1.
    share("K54", 1, 5, day="2026-04-10"),
    # 19 April: lamps at 119.00 are below their new floor, 125.00.
    share("K54", 2, 5),
    share("K54", 1, 1, location="S1"),
    # Lamps in stores and books have no floor.
    share("K54.floor", 1, 3, no_data=2),
    # --- K57, funding of PR1: AG1 80.00 with evidence of 20 February, AG2 20.00 with evidence after the start, AG3
    # 10.00 GBP × 1.20 without any. PR2 was never approved, so it has not started: out.
    share("K57", "80.00", "112.00", out=1),
    share("K57", "0.00", "32.00", supplier="V2"),
    share("K57", "80.00", "112.00", day="2026-03-01"),
    # Due: AG1 25.00 of 40.00, AG2 15.00 received of 10.00 accrued.
    share("K57.recovered", "35.00", "50.00"),
    share("K57.recovered", "10.00", "10.00", day="2026-03-31"),
    # AG1 has been due since 1 April.
    mean("K57.age", 19 * DAY, 1, DAY),
    # --- K58, from the end of PR1 to the last of its discounts reconciled: the ledger's file of O1's 10.00 came on 20
    # April 07:00. T2's discount belongs to no promotion.
    mean("K58", (43 * 24 + 7) * HOUR, 1, DAY),
    mean("K58", (43 * 24 + 7) * HOUR, 1, DAY, day="2026-04-20"),
    mean("K58", (43 * 24 + 7) * HOUR, 1, DAY, channel="web"),
]
