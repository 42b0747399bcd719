"""Percentiles of durations, by nearest rank over items counted by hand."""

from __future__ import annotations

from tests.integration.anchors.shape import Rank

RANKS = [
    # 46 48 52 62 71 72 73 82: the 4th, the 8th (7.2), the 8th
    Rank("K05", 62, 82, 82),
    # 20 40 480 600: the 2nd, the 4th (3.6), the 4th
    Rank("K29", 40, 600, 600, day="2026-03-02"),
    # 20 40 480 600 600 1,200: the 3rd, the 6th (5.4), the 6th
    Rank("K29", 480, 1200, 1200),
    # 0, 24, 123, 168 h, in days
    Rank("K62", 1, 7, 7),
    # 10 12 16 21 d
    Rank("K85.days", 12, 21, 21),
    # 750 760 780 840 1590 1680 1680 min: the 4th, the 7th (6.3), the 7th
    Rank("K19", 840, 1680, 1680),
    # 300 600 1,800 s: the 2nd, the 3rd, the 3rd
    Rank("K26", 600, 1800, 1800),
    # 22 and 24 h, in days
    Rank("K46", 22 / 24, 1, 1),
    # 2 6 12 12 h
    Rank("K92.dock_to_stock", 6, 12, 12),
]
