"""Nodes, carriers, pickups and the status that channels see (K17 to K22, K25, K26)."""

from __future__ import annotations

from tests.integration.anchors.shape import HOUR, MINUTE, mean, share

ANCHORS = [
    # --- K17, backlog in days at as_of.
    # D1 has O9's lamp to send and does 20 units on 20 April; S1 has nothing open and does 5. P1 tells no capacity.
    share("K17", 1, 20, location="D1"),
    share("K17", 0, 5, location="S1"),
    share("K17", 1, 25, no_data=1),
    # --- K18, units due out of a day's capacity. Cut-offs of D1: Mondays at 09:00, other weekdays at 16:00, at least
    # two hours after the assignment. 3 March: O1's 3 units (assigned on Monday after the cut-off) and the 3 chairs
    # asked for O4 by noon: 6 of 10.
    share("K18", 6, 10, day="2026-03-03", location="D1"),
    # 5 March: nothing is due, but O4's 3 chairs are overdue since the 3rd: 3 of 6; at 4 minutes each 12 of 60 minutes.
    share("K18", 3, 6, day="2026-03-05", location="D1"),
    share("K18.labour", 12, 60, day="2026-03-05", location="D1"),
    # 10 March: O8 2 and O11 3, asked for on Monday after the cut-off: 5 of 8.
    share("K18", 5, 8, day="2026-03-10", location="D1"),
    # S1 on 5 March: O7's chair, promised for that day; it was refused only on the 6th. O2's lamp was ready in time.
    share("K18", 1, 4, day="2026-03-05", location="S1"),
    # D1 on 20 April: O9 was due at 09:00, and nobody told who works: no roster.
    share("K18", 1, 20, day="2026-04-20", location="D1"),
    # D1 is open from Monday to Saturday: 43 days from 2 March to 20 April, of which four have a capacity:
    # 6 + 3 + 5 + 1 of 10 + 6 + 8 + 20.
    share("K18", 15, 44, no_data=39, location="D1"),
    # --- K19, from assignment to the start of the pick, in D1's hours, 06:00 to 22:00 from Monday to Saturday.
    # O1 on 2 March, local: 11:20 to 22:00 and 06:00 to 08:00 = 760 min; 11:30 to 22:00 and 06:00 to 08:30 = 780 min.
    mean("K19", 1540 * MINUTE, 2, MINUTE, day="2026-03-03", location="D1"),
    # O4: 3 March 12:00 to 22:00, all of the 4th, 5th from 06:00 to 08:00 = 10 + 16 + 2 h.
    mean("K19", 28 * HOUR, 1, MINUTE, day="2026-03-05", location="D1"),
    # 760 + 780 + 1680; O8 9 March 10:00 to 10 March 08:00 = 840; O11 11:00 to 07:30 = 750 and to the 11th, 07:00 =
    # 1680; O10 7 April 14:30 (summer time) to 9 April 09:00 = 450 + 960 + 180 = 1590. P1 and S1 tell no tasks: O2, O3,
    # O12.
    mean("K19", 8080 * MINUTE, 7, MINUTE, no_data=3),
    # Pick end to pack end: 90 + 150 (O1), 180 (O4), 60 (O8), 60 + 60 (O11), 60 (O10). Pickups are not packed.
    mean("K19.pack", 660 * MINUTE, 7, MINUTE, no_data=2),
    # All eight picks of D1 were begun more than four open hours after the assignment, O9's not at all: assigned on
    # Sunday, it was due on Monday at 10:00, which is now. Of seven packs two took more than two hours. No tasks: O2,
    # O3, O7, O12.
    share("K19.late", 10, 15, no_data=4),
    # --- K20, cut-offs at risk: of what is not packed, O9's lamp has missed Monday 09:00.
    share("K20", 1, 1),
    share("K20", 1, 1, location="D1"),
    share("K20", 1, 1, day="2026-04-20", order_type="delivery"),
    # --- K21, work done again, of units packed.
    # 10 March: O8's two chairs packed again; packed were these two and O11's lamp.
    share("K21", 2, 3, day="2026-03-10"),
    # 1 April, 00:30 in Berlin: two bulbs put back; nothing was packed that day.
    share("K21", 2, 0, day="2026-04-01"),
    # 2 + 1 + 2 of 3 + 2 + 3 + 2 + 1.
    share("K21", 5, 11),
    share("K21", 1, 11, out=None, reason="relabel"),
    # --- K22, from order to ready, in opening hours. S1 is open from 09:00 to 20:00; O2 was placed at 21:00 and ready
    # the next day at 16:00: 7 h.
    mean("K22", 7 * HOUR, 1, MINUTE),
    mean("K22.notify", 5 * MINUTE, 1, MINUTE, day="2026-03-03"),
    # O7, promised for 5 March, was never ready.
    share("K22.on_time", 0, 1, day="2026-03-05"),
    share("K22.on_time", 1, 2, location="S1"),
    # --- K25, cost a unit sent or made ready.
    # 3 March: O1 3 × 0.80 + 6.60, O2 made ready for 0.90.
    share("K25", "9.90", 4, day="2026-03-03"),
    # P1: O3 3 × 1.10 + 4.80, O12 1.10 + 3.00.
    share("K25", "12.20", 4, location="P1"),
    # O1 9.00, O2 0.90, O3 8.10, O4 13.60, O8 21.60, O10 5.80, O11 5.80 + 5.60, O12 4.10 for 3 + 1 + 3 + 2 + 2 + 1 + 3
    # + 1; the gift card is not sent.
    share("K25", "74.50", 16),
    # --- K26, when the web shop saw that a parcel had left. Nothing tells the marketplace: O3 and O8 are no data.
    mean("K26", 600, 1, 1, day="2026-03-03"),
    # SH1 600 s, SH4 1,800 s, SH11A 300 s. SH10's message failed for good and SH12 had none: out. SH11B was seen a
    # minute before it left: a clock fault.
    mean("K26", 2700, 3, 1, out=2, no_data=3),
    # Service level 900 s: SH4 came later, SH10 and SH12 never, of six.
    share("K26.missing", 3, 6, no_data=2),
    share("K26.missing", 3, 6, interface="wms>ecommerce:shipment"),
    share("K26.missing", 1, 1, day="2026-04-14"),
]
