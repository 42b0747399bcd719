"""The ledger's balances and the close: K71, K77 to K82."""

from __future__ import annotations

from tests.integration.anchors.shape import per_thousand, share, total

# Sold in 31 days of March at cost: 29 × 20 + 100 + 300 = 980, carried to a year, to the cent.
COST = f"{980 * 365 / 31:.2f}"

ANCHORS = [
    # --- K71, minutes of work on reconciliation. A worked 20 min on O4; B had O2 and O10 for the same 30 min, 15
    # each; the 30 min from 00:10 to 00:40 of 1 April belong to no order. An interval that ends before it begins is no
    # data. Eleven orders and three store sales.
    per_thousand("K71", 80, 14, no_data=1),
    # 6 March: the first two stretches; T2 was all that was sold.
    per_thousand("K71", 50, 1, day="2026-03-06"),
    per_thousand("K71", 30, 0, day="2026-04-01"),
    # Pickups: O2's 15 min, for O2 and O7.
    per_thousand("K71", 15, 2, order_type="pickup"),
    per_thousand("K71", 35, 14, out=None, no_data=1, stream="sales"),
    # --- K77, gift cards. The ledger begins with 500.00 on 31 March; 50.00 were sold on 9 April.
    share("K77", "0.00", "550.00", day="2026-04-09"),
    share("K77", 0, 0, no_data=1, day="2026-03-31"),
    # 11 April, 00:30 in Berlin: 20.00 redeemed; 2.00 breakage, 4.00 GBP × 1.25 of goodwill: 533.00, the ledger says
    # 525.00.
    share("K77", "8.00", "525.00"),
    total("K77.amount", "8.00", 1),
    # --- K79, at the end of March: 2,000 stock, 300 + 150 to come, of which 980 / 2,450 at cost = 180, 800 to pay. Net
    # sales 29 × 50 + 250 + 750 = 2,450.
    share("K79", 365 * (2000 + 180 - 800), COST),
    share("K79.dio", 365 * 2000, COST),
    share("K79.dpo", 365 * 800, COST, day="2026-03-31"),
    share("K79.dso", 365 * 450, f"{2450 * 365 / 31:.2f}"),
    total("K79.inventory", "2000.00", 1),
    total("K79.marketplace_receivable", "150.00", 1),
    # --- K80, landed against standard cost, by order line on the day of its last receipt.
    # 12 March: lamps, price 775.20 - 760, freight 30 - 40.
    share("K80", "5.20", "800.00", day="2026-03-12"),
    # Bulbs 2 × (125 - 120) of 240; chairs 400 and a duty of 60.00 GBP in place of 40.00, at 1.25: 25 of 450. No cost is
    # told of the books, nor of G6, whose order nobody knows.
    share("K80", "40.20", "1490.00", no_data=2),
    share("K80", "-10.00", "1490.00", out=None, no_data=2, reason="freight"),
    share("K80", "25.00", "450.00", no_data=1, supplier="V2"),
    # --- K81, premium of the freight: nobody paid one.
    share("K81", 0, "60.40"),
    share("K81", 0, "25.00", day="2026-03-10"),
    share("K81", 0, "7.80", carrier="slow"),
]
