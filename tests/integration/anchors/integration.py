"""Messages, feeds and master data (section G)."""

from __future__ import annotations

from tests.integration.anchors.shape import Anchor

ANCHORS = [
    # --- K101, deliveries.
    # Orders of 19 April, due on the 20th at 01:30 + 60 min in Berlin, came at 01:00.
    Anchor("K101", 1, 1, 1.0, day="2026-04-20", where={"interface": "sales_order"}),
    # Bank: the 17th came in time, the 18th never, the 19th at 10:00 in Berlin, an hour after 07:00 + 120 min.
    Anchor("K101", 1, 3, 1 / 3, where={"interface": "bank_deposit"}),
    # Items are weekly: the first delivery on a Wednesday, then the Sunday.
    Anchor("K101", 2, 2, 1.0, where={"interface": "product"}),
    # Cases came in time, but one of five rows has no date: not within contract.
    Anchor("K101", 0, 1, 0.0, where={"interface": "customer_case"}),
    Anchor("K101.rejected", 1, 5, 0.2, where={"interface": "customer_case"}),
    # 47 feeds on 19 April, + items of the 15th + bank of the 17th and 18th = 50; missed: bank 2, cases 1.
    Anchor("K101", 47, 50, 0.94),
]
