"""Reconciliation of the streams, the close of periods, settlements and tax (K70, K73 to K76, K78, K82)."""

from __future__ import annotations

from tests.integration.anchors.shape import DAY, HOUR, mean, share, total

ANCHORS = [
    # --- K70, value matched of value due, by stream.
    # Discounts: O1 10.00 posted; T2 20.00 not.
    share("K70", "10.00", "30.00", stream="discount"),
    share("K70.count", 1, 2, stream="discount"),
    # Refunds: RF1 5.95, RF2A and RF2B 59.50 GBP × 1.20 each against one memo, RF6 23.80; RF3 11.90 has no memo.
    share("K70", "172.55", "184.45", stream="refund"),
    share("K70.count", 4, 5, stream="refund"),
    # Tenders: invoices 124.95 119 38.52 257.04 285.60 169 130.90 10.70, tills 23.80 95.20 119 = 1,373.71, all covered;
    # of O10's 170.00 1.00 has no invoice.
    share("K70", "1373.71", "1374.71", stream="tender"),
    share("K70.count", 11, 12, stream="tender"),
    # O10's, three days after its invoice of 9 April.
    share("K70", "169.00", "170.00", day="2026-04-12", stream="tender"),
    # Tax: 17.10 1.90 19 2.52 38 (two of three chairs) 45.60 19 0 20.90 0.70.
    share("K70", "164.72", "164.72", stream="tax"),
    # Gift cards: 20.00 redeemed in the card ledger, in no till.
    share("K70", "0.00", "20.00", stream="gift_card"),
    # Settlements: O3 29.10 GBP of 29.10, O8 218.00 of 221.00, × 1.20.
    share("K70", "296.52", "300.12", stream="settlement"),
    # Stock: chairs of O4 110 posted; not those of O8, 120, and of R2, 60 back; O10 40, S2 120. O1's 45 are in the
    # ledger alone. T3's 40 of 15 April are due by the end of today.
    share("K70", "110.00", "495.00", stream="stock_to_ledger"),
    # Sales of the stores: 5 and 6 March posted as totals of the day; T3 was not.
    share("K70", "120.00", "220.00", stream="sales", channel="store"),
    # --- K73, from the transaction to the day on which the last document that clears it came here.
    # O1's discount of 3 March 11:00; the ledger came on 20 April 07:00.
    mean("K73", (47 * 24 + 20) * HOUR, 1, DAY, stream="discount"),
    # T1 5 March 10:00, T2 6 March 15:00.
    mean("K73", (45 * 24 + 21 + 44 * 24 + 16) * HOUR, 2, DAY, stream="sales", channel="store"),
    # T2's discount is open, RF3 since 7 March 10:00.
    mean("K73.open_age", (44 * 24 + 17) * HOUR, 1, DAY, stream="discount"),
    mean("K73.open_age", (43 * 24 + 22) * HOUR, 1, DAY, stream="refund"),
    # --- K74, March, the last period that ended.
    share("K74", "172.55", "184.45", stream="refund"),
    share("K74", "10.00", "30.00", stream="discount"),
    total("K74.open_value", "11.90", 1, stream="refund"),
    # --- K75, settlements, × 1.20. O3 was expected with 30.00 + 2.10 - 3.00 = 29.10 GBP, and that was paid. O8:
    # 200.00 + 38.00 - 17.00 = 221.00; paid 238.00 less 20.00, told for the whole order, which has one line: 3.00
    # short.
    share("K75", "3.60", "300.12"),
    share("K75", "0.00", "34.92", region="NORTH"),
    share("K75.over", "0.00", "265.20", day="2026-03-20"),
    # Referral of books 10 %, of others 8 % and 1.00: 3.00 and 17.00 scheduled, 3.00 and 20.00 charged. Storage is not
    # in the schedule: out.
    share("K75.fee", "3.60", "24.00", out=1),
    # Left on 4 and 10 March, paid on 13 and 20 March.
    mean("K75.days", 19 * DAY, 2, DAY),
    mean("K75.days", 10 * DAY, 1, DAY, day="2026-03-20"),
    # --- K76, tax of invoiced lines and refunds, recomputed: 17.10 1.90 19 2.52 57 (three chairs sold) 45.60 19 0
    # 20.90, refunds 0.95 11.40 11.40, and RF6 of a kit's part by the kit's rate 3.80. No data: O12, whose code has no
    # rate.
    share("K76", 0, "210.57", no_data=1),
    share("K76", 0, "57.00", category="furniture", day="2026-03-05"),
    share("K76.missing", 1, 14),
    share("K76.missing", 1, 1, day="2026-04-14"),
    # --- K78, close of February: the last stream was signed off at 00:30 on 6 March, the fifth business day.
    mean("K78", 5 * DAY, 1, DAY),
    mean("K78", 5 * DAY, 1, DAY, day="2026-03-06"),
    # March is open.
    mean("K78.open_age", 12 * DAY, 1, DAY),
    # --- K82, events with exactly one live journal within a day.
    # O1 of 3 March, its sale and its cost, on the day after.
    share("K82", 2, 2, day="2026-03-04"),
    # O1's refund; not those of O8 (two), O11 and T1.
    share("K82", 1, 5, stream="refund"),
    # Two fees of orders and one of storage.
    share("K82", 0, 3, stream="settlement"),
    # O1, O3 (30.00 GBP × 1.20), O10 (posted, reversed, posted again), T1 and T2 (totals of a day). Not O2 (twice), O4
    # (190.00 of 200.00), O8, O11, O12, T3.
    share("K82", 5, 11, stream="sales"),
]
