"""Allocation, nodes, shipments, interventions and pickups of orders (section A, second part)."""

from __future__ import annotations

from tests.integration.anchors.shape import DAY, HOUR, Anchor, mean, share, total

ANCHORS = [
    # --- K09, allocation attempts that ended badly, by day of the attempt.
    # 3 March: A4 for O3, A5 and A6 for O4; A6 found no stock.
    share("K09", 1, 3, day="2026-03-03"),
    # Thirteen attempts; O5 and O6 were never tried.
    share("K09", 1, 13),
    share("K09", 1, 13, out=None, reason="NO_STOCK"),
    share("K09", 0, 2, channel="market"),
    # --- K10, units that a node rejected or did not find, by day of the assignment.
    # 3 March: P1 was asked for 3 books, D1 for 3 chairs, of which one was not there.
    share("K10", 1, 6, day="2026-03-03"),
    # Asked and answered: F1 1, F2 2, F3 1, F4 3, F5 3, F6 1, F7 2, F9 1, F10 1, F11 2, F12 1 = 18; O9's F8 is not
    # answered. Refused: one of F5, and F6.
    share("K10", 2, 18, out=1),
    # S1: the lamp of O2, and O7's chair, which it could not find.
    share("K10", 1, 2, location="S1"),
    share("K10", 1, 12, out=1, location="D1"),
    # --- K11, split shipments, by day of the last one.
    # Two units or more, all shipped: O1 3, O3 3, O4 2 (after cancelling), O8 2, O11 (the kit is 3 units) in two.
    share("K11", 1, 5),
    share("K11", 1, 1, day="2026-03-11"),
    share("K11", 0, 2, channel="market"),
    # O11: 5.00 + 4.00 less the dearest, 5.00.
    total("K11.extra_cost", "4.00", 1),
    # --- K12, lines shipped without error, by day of shipment.
    # 11 March: O11's bulbs, which the carrier could not bring for want of the right address.
    share("K12", 0, 1, day="2026-03-11"),
    # Parts that left: F1 F2 F4 F5 F7 F9 F10 F11 F12 by parcel, F3 to the counter. R2 came back damaged, which is none
    # of these errors.
    share("K12", 9, 10),
    share("K12.errors", 1, 10, out=None, reason="address"),
    share("K12", 2, 2, location="P1"),
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
    # --- K15, orders closed without any intervention, by day of closing.
    # 6 March: O3; not O4, of which staff cancelled a chair, nor O7.
    share("K15", 1, 3, day="2026-03-06"),
    # Ten orders closed; people intervened in O4, O7 and O10.
    share("K15", 7, 10),
    share("K15", 2, 2, channel="market"),
    # --- K16, units ever backordered, by day of the order.
    # 26 units ordered, as in K07: one chair of O4, and O9's lamp since yesterday evening.
    share("K16", 2, 26, out=3),
    share("K16", 1, 1, day="2026-04-19"),
    # Chairs: O4 3, O7 1, O8 2.
    share("K16", 1, 6, category="furniture"),
    # O9's lamp was allocated before, and is on backorder since 20:00; O4's chair was cancelled.
    mean("K16.age", 12 * HOUR, 1, DAY),
    # --- K23, pickups made ready and not collected, by the end of their time: O2 was collected; O7 was never ready.
    share("K23", 0, 1),
    share("K23", 0, 1, day="2026-03-10"),
    share("K23", 0, 1, location="S1"),
    # --- K24, first pick tasks of stores that succeeded, by day of closing: O2's lamp; O7's chair did not.
    share("K24", 1, 2),
    share("K24", 0, 1, day="2026-03-06"),
    share("K24", 1, 1, category="lighting"),
]
