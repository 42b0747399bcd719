"""Drop-ship lines: K91, on the ten orders of ``data/sample/anchors_dropship``.

A home of their own: an order from a drop-ship supplier would change the figures of all other order KPIs. as_of is 31
March 2026, 06:00 UTC. A line's last status, the invoice, is due seven days after its promise: that is the line's day.
"""

from __future__ import annotations

from tests.integration.anchors.shape import Anchor, web

ANCHORS = [
    # Promised for 9 March 16:00, so the 16th. X1: acknowledged 48 h and shipped 96 h after the assignment (2 March
    # 10:00), delivered and invoiced at the last moment: complete. X2: acknowledged a second later than that: not. X3:
    # cancelled on the 11th: needs nothing more. X8 is a test order: out.
    Anchor("K91", 2, 3, 2 / 3, out=1, day="2026-03-16"),
    # X4: no invoice.
    Anchor("K91", 0, 1, 0.0, day="2026-03-17"),
    # X5: told as shipped, but of no parcel that could be tracked. Promised for 17 March 22:30 UTC = 23:30 in Berlin.
    Anchor("K91", 0, 1, 0.0, day="2026-03-24"),
    # X6: all in time. Promised for 23:30 UTC of the same day = the 18th in Berlin.
    Anchor("K91", 1, 1, 1.0, day="2026-03-25"),
    # X9 was never promised anything: no data, on the day of its order.
    Anchor("K91", 0, 0, None, no_data=1, day="2026-03-02"),
    # X1 of X1, X2, X4 and X5; X3 and X6 are the marketplace's. X7's invoice is due in April, X10 left our own centre.
    Anchor("K91", 1, 4, 0.25, out=1, where=web()),
    Anchor("K91", 3, 6, 0.5, out=1, no_data=1),
]
