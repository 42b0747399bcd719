"""Which nodes stand out: a share of errors above that of all others by more than chance (K12).

Belongs here: the one-sided binomial test of each node against the others, and the correction for testing many. Not
here: where the counts come from (the rows of a KPI), or what is done with an alert.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, lgamma, log, log1p


def binomial_tail(hits: int, trials: int, rate: float) -> float:
    """P(X >= hits) of a binomial variable; the terms are summed from the first, each from the one before."""
    if hits <= 0:
        return 1.0
    if rate <= 0.0 or hits > trials:
        return 0.0
    if rate >= 1.0:
        return 1.0
    ways = lgamma(trials + 1) - lgamma(hits + 1) - lgamma(trials - hits + 1)
    term = exp(ways + hits * log(rate) + (trials - hits) * log1p(-rate))
    total, odds = 0.0, rate / (1 - rate)
    for k in range(hits, trials + 1):
        total += term
        term *= (trials - k) / (k + 1) * odds
        if k > trials * rate and term < total * 1e-16:
            break
    return min(total, 1.0)


def worse_nodes(counts: Mapping[str, tuple[int, int]], level: float = 0.01, least: int = 50) -> dict[str, float]:
    """Nodes whose errors exceed the others' rate, with their p-values, worst first.

    ``counts``: node -> (errors, lines). Judged are nodes of ``least`` lines or more; the p-values are those of each
    against all others together, kept by the step-up rule of Benjamini and Hochberg (1995) at ``level``.
    """
    errors, lines = (sum(pair[i] for pair in counts.values()) for i in (0, 1))
    judged = []
    for node, (own_errors, own_lines) in counts.items():
        if own_lines >= least and lines > own_lines:
            rate = (errors - own_errors) / (lines - own_lines)
            judged.append((binomial_tail(own_errors, own_lines, rate), node))
    judged.sort()
    kept = max((i for i, (p, _) in enumerate(judged, 1) if p <= level * i / len(judged)), default=0)
    return {node: p for p, node in judged[:kept]}
