"""Supplier orders, notices, invoices and receipts (K83, K84, K86 to K90, K92)."""

from __future__ import annotations

from tests.integration.anchors.shape import HOUR, mean, share, total

ANCHORS = [
    # --- K83, invoice lines against order and receipt.
    # IV1: 38.76 for 38.00, exactly 2 %, 20 of 20 accepted: passes.
    share("K83", 1, 1, day="2026-03-13"),
    # IV3 of 19 March waited for the receipt of 25 March: 10 charged, 8 accepted.
    share("K83", 0, 1, day="2026-03-25"),
    # IV2 costs 4 % too much; IV4 names no order; IV6's goods have not come in ten days. IV5 may still wait.
    share("K83", 1, 5),
    share("K83", 1, 3, supplier="V1"),
    share("K83.fail", 4, 5),
    # --- K84, supplier orders that were perfect, by the date first committed to.
    # Lamps of PO1 on 12 March: 20 of 20, arrived that day, announced the day before, invoice passes, none rejected.
    share("K84", 1, 1, day="2026-03-12"),
    # Bulbs of PO1 (13 March) came on the 14th; chairs of PO2 (26 March, first acknowledged) were 8 of 10; books of PO2
    # (20 March, as requested) were not announced.
    share("K84", 1, 4),
    # Full and on time: lamps and books. The cancelled line is out.
    share("K84.otif", 2, 4, out=1),
    share("K84.otif", 1, 2, supplier="V1"),
    # --- K86, good units by the commitment and two days: lamps 20, bulbs 50 + 50 (ten were rejected), chairs 8 of 10,
    # books 30. Out: the cancelled line.
    share("K86", 158, 160, out=1),
    share("K86", 8, 10, day="2026-03-28"),
    share("K86", 120, 120, supplier="V1"),
    # --- K87, receipts against ship notices. As announced: G1 and G2. Not: G3 (nothing announced), G4 (8 of 10), G5,
    # G6, and AS4, due on 3 April and not there a week later.
    share("K87", 2, 7),
    share("K87", 0, 1, day="2026-04-10"),
    # Announced four hours before: G1 23 h, G4 12 h; G2 3 h.
    share("K87.timely", 1, 1, day="2026-03-12"),
    share("K87.timely", 0, 1, day="2026-03-11"),
    # --- K88, orders acknowledged within 24 hours of procurement (Monday to Friday, 08:00 to 17:00).
    # PO1: Monday 11:00 + 6 + 9 + 9 h = Wednesday 4 March 17:00; PO2, sent at 00:30 on Wednesday, Friday 14:00, came on
    # the 10th; PO3 in time; PO4 never.
    share("K88", 2, 4),
    share("K88", 0, 1, day="2026-03-24"),
    share("K88", 1, 2, supplier="V1"),
    # PO2's acknowledgement changed a date, and so did PO1's, one for two lines: bulbs a day later.
    share("K88.changed", 2, 3),
    # --- K89, open lines. PO3: V2 took 16 and 21 days, four of five in 20: 3 May, needed on 25 April. PO4, announced
    # for 3 April, can come today, needed on 1 June.
    share("K89", 1, 2),
    share("K89", 1, 1, supplier="V2"),
    # 10 × (10.00 - 6.00).
    total("K89.value", "40.00", 2),
    # --- K90, checks by weight: V1 2 of 3, V2 3 of 5 (at 00:30 of 26 March).
    share("K90", 5, 8),
    share("K90", 3, 5, day="2026-03-26"),
    share("K90", 2, 4, reason="label"),
    # --- K92, arrived and not put away: the bulbs of G6.
    total("K92", 12, 1, category="lighting"),
    # G1 6 h, G2 2 h, G3 12 h, G4 12 h.
    mean("K92.dock_to_stock", 32 * HOUR, 4, HOUR),
    mean("K92.dock_to_stock", 12 * HOUR, 1, HOUR, day="2026-03-26"),
]
