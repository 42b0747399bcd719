"""Returns, refunds and credit memos (section D)."""

from __future__ import annotations

from tests.integration.anchors.shape import DAY, HOUR, Anchor

ANCHORS = [
    # --- K60, return rate, by day of the sale.
    # O1: 3 units delivered on 4 March, one bulb sent back.
    Anchor("K60", 1, 3, 1 / 3, day="2026-03-04"),
    # 5 March: O2's lamp collected, its return asked for after 32 days: not counted. T1: 4 bulbs, 2 brought back.
    Anchor("K60", 2, 5, 0.4, day="2026-03-05"),
    # 6 March: O3 3 books (return withdrawn), O4 2 chairs, T2 1 lamp.
    Anchor("K60", 0, 6, 0.0, day="2026-03-06"),
    # Older than 30 days: O1 3, O2 1, O3 3, O4 2, O8 2, O11 3, T1 4, T2 1 = 19. Returned: R1 1, R2 1, R3 2, and R6 1,
    # refunded without return. Out: O10, O12 and T3 (their 30 days run), and the kit, which counts as its parts.
    Anchor("K60", 5, 19, 5 / 19, out=4),
    # T1's customer gave no reason: UNKNOWN.
    Anchor("K60", 2, 19, 2 / 19, out=None, where={"reason": "UNKNOWN"}),
    # Flow, 12 March: R1 1 received; sold that day: the 2 bulbs of O11. Its kit is complete that day, and out.
    Anchor("K60.flow", 1, 2, 0.5, out=1, day="2026-03-12"),
    # R7 came back on 18 March from a sale that nobody knows: in the flow, under UNKNOWN, with nothing to divide by.
    Anchor("K60.flow", 1, 0, None, where={"channel": "UNKNOWN"}),
    # --- K62, return settlement, by day of settlement.
    # R1: 10 March 09:00 to 15 March 12:00 = 123 h.
    Anchor("K62", 123 * HOUR, 1, 5.125, day="2026-03-15"),
    # R2: the second of its two refunds arrived: 20 March 08:00 to 27 March 08:00.
    Anchor("K62", 7 * DAY, 1, 7.0, day="2026-03-27"),
    # R3: paid at the till at once.
    Anchor("K62", 0, 1, 0.0, day="2026-03-07"),
    # 123 + 168 + 0 + 24 (R6, without return) = 315 h / 4. Not accepted: R4 (refused), R5 (withdrawn), R7 (not
    # inspected).
    Anchor("K62", 315 * HOUR, 4, 315 / 24 / 4),
    # Credit memos of 14 March: R1 two days after receipt; R6 had nothing to receive: out.
    Anchor("K62.credit_memo", 2 * DAY, 1, 2.0, out=1, day="2026-03-14"),
    # R7 since 16 March 08:00.
    Anchor("K62.open_age", 35 * DAY, 1, 35.0),
]
