"""Suppliers and inbound goods (section F)."""

from __future__ import annotations

from tests.integration.anchors.shape import DAY, Anchor

ANCHORS = [
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
]
