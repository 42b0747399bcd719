"""Contribution margin (K72), with the waterfalls of single orders."""

from __future__ import annotations

from tests.integration.anchors.shape import Anchor, web

ANCHORS = [
    # --- K72, contribution; the waterfalls of single orders are below. Contribution / net sales:
    # web   O1 50.30 / 95, O2 58.50 / 100, O4 89.20 / 200, O10 52.70 / 100, O11 32.50 / 90, O12 2.90 - 3.20 = -0.30 / 10
    Anchor("K72", "282.90", "595.00", 282.9 / 595, where=web()),
    # market O3 6.30 / 36, O8 -46.60 / 120, storage -10.00 GBP × 1.25 (its own day, it belongs to no sale) = -12.50
    Anchor("K72", "-52.80", "156.00", -52.8 / 156, where={"channel": "market"}),
    # store  T1 3.00 / 10, T2 39.05 / 80, T3 60.00 / 100; the voided T4 is none
    Anchor("K72", "102.05", "190.00", 102.05 / 190, where={"channel": "store"}),
    # R7 without a known sale: 2.50 of goods back - 1.00 handling, and no sales to divide by
    Anchor("K72", "1.50", 0, None, where={"channel": "UNKNOWN"}),
    # 282.90 - 52.80 + 102.05 + 1.50; 595 + 156 + 190
    Anchor("K72", "333.65", "941.00", 333.65 / 941),
    # O1's lamp, the only line with the promotion: 100.00 - 4.00 - 6.00 - 40.00 + 4.00 = 54.00; + shipping 4.50 (of
    # 5.00, by value 90 of 100) - 0.80 pick and pack - 4.40 freight (2 of 3 kg of 6.60) - 1.08 payment fee (of 1.20) =
    # 52.22
    Anchor("K72", "52.22", "90.00", 52.22 / 90, where={"promotion": "PR1"}),
    # 13 March has only refunds, O1 5.00 and O11 20.00: negative net sales divide nothing.
    Anchor("K72", "-25.00", "-25.00", None, day="2026-03-13"),
    # Gross margin: O1 56.50, O2 60, O3 18, O4 90, O8 0, O10 60, O11 45, O12 4, T1 5, T2 40, T3 60, R7 2.50 = 441.00
    Anchor("K72.gross_margin", "441.00", "941.00", 441 / 941),
    # Cohort of 2 March: O1 50.30 + O2 58.50, with O1's refund of 13 March on the day of its order: 95 + 100.
    Anchor("K72.cohort", "108.80", "195.00", 108.8 / 195, day="2026-03-02"),
]
WATERFALLS = {
    # Prices hold 19 % tax. Lamp 119.00 / 1.19 = 100.00, bulbs 11.90 / 1.19 = 10.00; discount 10.00 ex tax, 4.00 of it
    # the supplier's. One bulb came back: 5.95 / 1.19 = 5.00. Net sales 110 - 4 - 6 - 5 = 95.00. Goods 40.00 + 2 ×
    # 2.50, less 2.50 for the bulb back in stock. Shipping 5.95 / 1.19. Pick and pack 3 × (0.50 + 0.30). Freight 6.00
    # + 0.60. Handling of the return 1 × 1.00. Contribution 95 - 42.5 + 4 + 5 - 2.4 - 6.6 - 1.2 - 1 = 50.30.
    "O1": {
        "gross_sales": "110.00",
        "funded_discount": "-4.00",
        "unfunded_discount": "-6.00",
        "refund": "-5.00",
        "cogs": "-42.50",
        "supplier_funding": "4.00",
        "shipping_revenue": "5.00",
        "fulfilment": "-2.40",
        "freight": "-6.60",
        "payment_fee": "-1.20",
        "return_handling": "-1.00",
    },
    # In pounds, at 1.20 of the order's day although 1.25 holds from 10 March. 238.00 / 1.19 × 1.20 = 240.00. One of
    # two chairs refunded in two parts, 2 × 50.00 × 1.20 = 120.00. Goods 2 × 60.00 (cost from 10 March, when they
    # left), less 60.00 received back, written down when scrapped. Pick and pack 2 × 0.80. Referral 20.00 × 1.20. 240
    # - 120 - 60 - 60 - 1.6 - 20 - 24 - 1 = -46.60.
    "O8": {
        "gross_sales": "240.00",
        "refund": "-120.00",
        "cogs": "-60.00",
        "return_writedown": "-60.00",
        "fulfilment": "-1.60",
        "freight": "-20.00",
        "marketplace_fee": "-24.00",
        "return_handling": "-1.00",
    },
    # 2 of 3 chairs left: 200.00, goods 2 × 55.00 (cost before 10 March), pick and pack 2 × 0.80; the bulbs were
    # cancelled. Shipping 19.04 / 1.19 = 16.00 stands whole. 200 - 110 + 16 - 1.6 - 12 - 3.2 = 89.20.
    "O4": {
        "gross_sales": "200.00",
        "cogs": "-110.00",
        "shipping_revenue": "16.00",
        "fulfilment": "-1.60",
        "freight": "-12.00",
        "payment_fee": "-3.20",
    },
    # The customer took one of two books back, so the line's last version has one: 10.70 / 1.07 = 10.00, and that one
    # left. Standard cost 6.00 stands in for the landed one. Logistics provider 1 × 1.10. 10 - 6 - 1.1 - 3 - 0.2 =
    # -0.30.
    "O12": {
        "gross_sales": "10.00",
        "cogs": "-6.00",
        "fulfilment": "-1.10",
        "freight": "-3.00",
        "payment_fee": "-0.20",
    },
}
