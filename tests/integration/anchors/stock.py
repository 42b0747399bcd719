"""Stock and its synchronisation."""

from __future__ import annotations

from tests.integration.anchors.shape import Anchor, web

ANCHORS = [
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
]
