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
    # --- K28, what was shown against K27.channel at each full hour, from 1 March 06:00, when the first was shown.
    # Web and marketplace tell no listings, so they list what they were shown. Web chairs: D1 alone has any. 1 March,
    # 06:00 to 22:00 UTC: 17 hours, shown 5 of 4: 17 x (4 - 1) / 17 x 4.
    Anchor("K28", 51, 68, 0.75, day="2026-03-01", where=web(category="furniture")),
    # 5 March: eight hours 5 of 4, from 07:00 five hours 2 of 4, from 12:00, when two left, eleven hours 2 of 2.
    # 8 x 4 + 5 x 4 + 11 x 2 = 74, less 8 x 1 + 5 x 2 = 18.
    Anchor("K28", 56, 74, 56 / 74, day="2026-03-05", where=web(category="furniture")),
    # 29 March has 23 hours: two with 8, 21 with 5 since 00:30; shown 2. 16 + 105 = 121, less 2 x 6 + 21 x 3 = 75.
    Anchor("K28", 46, 121, 46 / 121, day="2026-03-29", where=web(category="furniture")),
    # Hours: 102 with 4, 118 with 2, 373 with none (10 March 10:00 to 25 March 22:00), 74 with 8, 105 with 5, 192 with
    # 2, 239 with 3, the last at as_of. 408 + 236 + 373 x 1 + 592 + 525 + 384 + 717 = 3,235. Differences: 97 x 1 +
    # 5 x 2, 0, 373 x 2, 74 x 6, 105 x 3, 0, 239 x 1 = 1,851.
    Anchor("K28", 1384, 3235, 1384 / 3235, where=web(category="furniture")),
    # Web lamps: stores tell their stock since 1 April 00:00 UTC, two hours of the day in Berlin after its beginning;
    # then 18 at D1, 3 at S1 and 1 at S2, shown 10, for 22 hours. No data: these two hours; bulbs, of which S1 has 7 by
    # a snapshot only.
    Anchor("K28", 220, 484, 220 / 484, no_data=2, day="2026-04-01", where=web(category="lighting")),
    # Chairs were shown in all 1,203 hours.
    Anchor("K28.false_available", 373, 1203, 373 / 1203, where=web(category="furniture")),
    # 10 March from 10:00 on: 13 of 24 hours; nothing is hidden in the other 11.
    Anchor("K28.false_available", 13, 24, 13 / 24, day="2026-03-10", where=web(category="furniture")),
    Anchor("K28.hidden", 0, 11, 0.0, day="2026-03-10", where=web(category="furniture")),
    # Books at P1, which has no ledger: 51 days.
    Anchor("K28", 0, 0, None, no_data=51, where={"channel": "market"}),
    # Lamps of stores are listed and were never shown.
    Anchor("K28.hidden", 0, 0, None, no_data=51, where={"channel": "store"}),
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
