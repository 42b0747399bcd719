"""Returns from receipt to disposition, refunds and recovery (K61, K63 to K69)."""

from __future__ import annotations

from tests.integration.anchors.shape import DAY, HOUR, mean, share, total

ANCHORS = [
    # --- K61, from the wish to return to the disposition; over the counter from the receipt.
    # R1 came to S1 on 12 March 10:00, was inspected at 12:00 and put back at 13:00.
    mean("K61", 3 * HOUR, 1, DAY, day="2026-03-12"),
    # R2: 20 March 08:00 to 26 March 08:00.
    mean("K61", 147 * HOUR, 2, DAY),
    mean("K61", 144 * HOUR, 1, DAY, reason="damaged"),
    # Inspected 2 h and 24 h after the receipt, disposed of 1 h and 24 h later.
    mean("K61.inspect", 26 * HOUR, 2, DAY),
    mean("K61.dispose", 25 * HOUR, 2, DAY),
    # R7 lies at S2 since 18 March 09:00.
    mean("K61.open_age", (32 * 24 + 23) * HOUR, 1, DAY),
    # --- K63, refunds before a required inspection, by day of the refund.
    # 13 March: R1 had been inspected; R6 was refunded without coming back.
    share("K63", 1, 2, day="2026-03-13"),
    # R2's two refunds came after the inspection; R3 was never inspected.
    share("K63", 2, 5),
    share("K63", 0, 2, channel="market"),
    # --- K64, credit memos five days after the receipt.
    # R2, received on 24 March: judged on the 29th, 120 h later though that day is short; its memo is of the 25th.
    share("K64", 0, 1, day="2026-03-29"),
    # R1's memo came after two days; R3 and R7 have none.
    share("K64", 2, 4),
    share("K64", 2, 4, out=None, reason="missing"),
    share("K64", 1, 2, location="S1"),
    # --- K65, open returns: R3 has its refund of 11.90 and no credit memo; R7 is not refunded, and nobody knows its
    # price.
    total("K65", "11.90", 1, no_data=1),
    total("K65.not_credited", "11.90", 1),
    total("K65", "11.90", 1, channel="store"),
    total("K65.received_not_refunded", 0, 0, no_data=1),
    # --- K66, net value recovered of what was sold. R1 can be sold again at 5.00, less 1.00 of handling; R2 was
    # scrapped, sold for 100.00 GBP × 1.20.
    share("K66", "3.00", "125.00"),
    share("K66", "4.00", "5.00", day="2026-03-12"),
    share("K66", "-1.00", "120.00", reason="scrap"),
    # --- K67, dispositions: R1 back on the shelf, R2 scrapped.
    share("K67", 1, 2),
    share("K67", 0, 1, day="2026-03-26"),
    share("K67.mix", 1, 2, out=None, reason="scrap"),
    # R1: 12 March 10:00 to 13 March 09:00.
    mean("K67.days", 23 * HOUR, 1, DAY),
    # --- K68, stated reason against the inspection. R1 and R2 agree. R4 changed its mind to "damaged" with a second
    # version; the inspection found it opened.
    share("K68", 2, 3),
    share("K68", 0, 1, day="2026-04-06"),
    share("K68", 1, 2, reason="damaged"),
    # --- K69, units returned in another channel than sold: R1, sold by the web shop, came to a store; R2 and R3 (2
    # units) did not change. R7's sale is not known: out.
    share("K69", 1, 4, out=1),
    share("K69", 1, 1, channel="web"),
    share("K69", 0, 2, day="2026-03-07"),
    # R1 had left D1; R2 came back there, R3 to S1.
    share("K69.location", 1, 4, out=1),
]
