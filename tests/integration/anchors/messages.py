"""Integration, master data, marketplace and processes (K99, K100, K102, K103, K109, K110)."""

from __future__ import annotations

from tests.integration.anchors.shape import HOUR, mean, share, total

ANCHORS = [
    # --- K99, messages that failed for good, by day of sending: of 21 MS10 (dead-lettered) and MO99.
    share("K99", 2, 21),
    share("K99", 1, 2, day="2026-04-18"),
    share("K99", 1, 5, interface="ecommerce>oms:order"),
    share("K99", 1, 21, out=None, reason="SCHEMA"),
    # M3 repeats M2; received are 8 + 4 + 4.
    share("K99.duplicate", 1, 16),
    # Second and further attempts: MS4 2, MS10 4, MO7 1, MO99 3.
    share("K99.retry", 10, 21),
    # Late or not applied past the service level: M4 M5 M7 M9 M10, MS4 MS10, MO7 MO10 MO99. In time: M1 M2 M8 MS1
    # MS11A, and MO1, which took all of it. M11 and MO98 are not due; M3 is out; M6 and MS11B were applied before they
    # happened.
    share("K99.breach", 10, 16, out=1, no_data=2),
    total("K99.dlq", 1, 1),
    # MO98 was received and not applied.
    total("K99.backlog", 1, 1),
    # --- K100, orders that such messages touched: O7 by MO7, O4 by MS4, O10 by MO10, and once only. No order was
    # placed while a stock or price message was late.
    total("K100", 3, 3),
    total("K100", 2, 2, day="2026-03-05"),
    # O7 1, O4 7, O10 1 (the card is no unit).
    total("K100.units", 9, 3),
    total("K100.revenue", "520.00", 3),
    # O7 45, O4 3 × 45 + 4 × 2.50, O10 60.
    total("K100.margin", "250.00", 3),
    total("K100.customers", 3, 3),
    # 15 + 15 + 20 min.
    total("K100.sla_minutes", 50, 3),
    # O4 257.04, O10 169.00; O7 has no invoice.
    total("K100.gl_value", "426.04", 2, no_data=1),
    # --- K102, weights of rules kept. Products: 48 of 54 (five goods without a GTIN, the kit without a weight);
    # places 12 of 20 (hours of P1 and S2, four numbers); suppliers 4 of 10 (countries and numbers); prices in force
    # 33 of 35 (lamps of the web shop below their floor).
    share("K102", 97, 119),
    share("K102", 48, 54, stream="product"),
    share("K102", 4, 8, reason="opening_hours"),
    share("K102.duplicate_vendor", 0, 2),
    # Of two active listings one names no item.
    share("K102.orphan", 1, 2),
    # --- K103, control totals. 31 March 23:30: 8 and 8; at 00:30 of 1 April 8 and 7.
    share("K103", 0, 8, day="2026-03-31"),
    share("K103", 1, 8, day="2026-04-01"),
    # 18 April: 50 and 48 messages, M4 and M10 on their way; 200 and 199 units, of which -2 + 2 on their way.
    share("K103", 0, 50, day="2026-04-18"),
    share("K103.qty", 1, 200, day="2026-04-18"),
    # 19 April: 12 and 11 orders; MO99 failed and is on no way any more.
    share("K103", 1, 12),
    share("K103.value", "20.00", "900.00"),
    # --- K109, the marketplace's view of O3 and O8. O3's claim was not upheld; O8 drew bad feedback, and a claim that
    # was.
    share("K109", 1, 2),
    share("K109", 1, 1, day="2026-03-09"),
    share("K109.cancel", 0, 2),
    # O8 left on 10 March, expected on the 9th.
    share("K109.late_ship", 1, 2),
    share("K109.tracking", 2, 2),
    # O3 came a day late.
    share("K109.on_time", 1, 2),
    # --- K110, cases that ended on the standard path. R1 came by the book of a store: inspected, put back, refunded,
    # credited. R2's refund came before the disposition, R6 had no goods to wait for.
    share("K110", 1, 3, process="return-to-refund"),
    # PO1's lamps: sent, acknowledged, announced, arrived, received, put away, invoiced. Its bulbs came twice, PO2's
    # chairs were invoiced first, its books were not announced.
    share("K110", 1, 4, process="procure-to-pay"),
    # PO1 23 h for either line, PO2's chairs from 3 March 23:30 to 10 March 09:00.
    mean("K110.wait", (23 + 23 + 153.5) * HOUR, 3, HOUR, process="procure-to-pay: sent to acknowledged"),
    # The bulbs arrived, were received and were put away twice.
    share("K110.rework", 3, 4, process="procure-to-pay"),
]
