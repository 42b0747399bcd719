"""What pytest's own results (JUnit XML) prove, in words: the pages docs/proof.md and docs/proof-spark.md.

A claim is a sentence, the tests that show it, and what their cases are. Every number comes from the results: how many
cases passed, and what tests record about themselves (``record_property("kills at named moments", 1)``; equal names are
added up). Not here: reading them (``proof_results``), running tests (``prove``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.proof_results import Case, Group


@dataclass(frozen=True)
class Claim:
    """``tests``: how the names begin of the tests that show it, together; ``cases``: what they are, in the plural.

    ``only``: where not all of them are such cases, how the names begin of those that are.
    """

    statement: str
    tests: tuple[str, ...]
    cases: str = "tests"
    only: tuple[str, ...] = ()


_INTEGRATION = "tests.integration."
CLAIMS = (
    Claim(
        "A build ended by `kill -9` leaves the served snapshot as it was, row for row; the next build completes while "
        "readers go on and a second writer is refused, and nothing of the killed one is left.",
        (f"{_INTEGRATION}test_kill",),
    ),
    Claim(
        "Landing everything twice, and landing it in shuffled order in five parts, publishes the same rows in every "
        "table.",
        (f"{_INTEGRATION}test_identical_marts",),
    ),
    Claim(
        "A failed suite leaves the served snapshot untouched and is visible on its asset; days computed again equal a "
        "full rebuild; a past instant is built as it was known then.",
        (f"{_INTEGRATION}test_build",),
    ),
    Claim(
        "A damaged row or file, of each kind in each format, is quarantined with file, line, column and reason, and "
        "nothing else is lost.",
        (f"{_INTEGRATION}test_landing_matrix",),
        "kinds of damage by format",
    ),
    Claim(
        "Landing is idempotent, leaves growing files alone, keeps new columns, hashes personal data, repairs a crash; "
        "quarantined rows are replayed; vendors' files pass the same checks.",
        tuple(f"{_INTEGRATION}test_landing{part}" for part in (".", "_replay", "_vendor")),
    ),
    Claim(
        "KPIs of the simulated retailer equal independent programs that read the extract files, day by day.",
        (f"{_INTEGRATION}test_twins",),
        "comparisons",
    ),
    Claim(
        "Figures of a retailer of a few orders equal numbers worked out by hand from its files.",
        (f"{_INTEGRATION}test_anchors",),
        "figures",
        (f"{_INTEGRATION}test_anchors.test_a_figure_is_what_was_worked_out_by_hand",),
    ),
    Claim(
        "Two real data sets give the known answers of their publishers' files to the last digit, and what their files "
        "do not tell is not shown as zero.",
        (f"{_INTEGRATION}test_adapters.",),
        "answers",
    ),
    Claim(
        "The shipped adapters read their vendors' forms, and the page on own extracts works as it is written.",
        (f"{_INTEGRATION}test_adapters_sample", f"{_INTEGRATION}test_adapters_own_extracts"),
    ),
    Claim(
        "The simulated retailer adds up (stock, orders, money, general ledger); the same call gives the same bytes.",
        (f"{_INTEGRATION}test_simulate",),
    ),
    Claim("Models give the rows that were worked out by hand for them.", ("tests.dbt.test_unit_tests",)),
    Claim(
        "The conservation laws of core hold, and each notices data spoilt on purpose.",
        ("tests.dbt.test_core_conservation",),
    ),
    Claim(
        "What is stored of a KPI is what its rows say, in every grouping; its parts add up; the drill gives its rows.",
        ("tests.dbt.test_kpi_facts",),
    ),
    Claim(
        "Controls find the injected faults, and their alarms are right; thirty days in which nothing goes wrong have "
        "no alarm.",
        ("tests.dbt.test_control_alarms", f"{_INTEGRATION}test_calm"),
    ),
    Claim(
        "Increments equal a full build row for row, however extracts are cut, shuffled, repeated and late, and rebuild "
        "only what is touched.",
        (
            *(f"{_INTEGRATION}test_increments{part}" for part in (".", ".test_any_history", ".test_each_morning")),
            "tests.dbt.test_increment_plan",
        ),
    ),
    Claim(
        "The resident loop, killed at random moments during a stream of drops, ends with what a full build gives, no "
        "file lost and none landed twice.",
        (f"{_INTEGRATION}test_watch",),
    ),
    Claim(
        "Each model compiles for Spark, and the statements of an increment do on it what they do on DuckDB; whole "
        "builds have [a page of their own](proof-spark.md).",
        (f"{_INTEGRATION}test_spark_statements.", "tests.dbt.test_second_engine"),
    ),
    Claim(
        "Wrong versions of the KPI models are noticed (a comparison turned, a filter dropped, first and last swapped).",
        ("tests.dbt.test_mutants",),
    ),
    Claim("Other tools read the same definitions: MetricFlow's answers are ours.", ("tests.dbt.test_semantic_layer",)),
    Claim(
        "What people do is theirs to do (role, action and scope enumerated), is in a log that shows each change of it, "
        "survives twenty writers at once, and comes back as KPIs that equal independent programs.",
        ("tests.unit.test_cases", f"{_INTEGRATION}test_cases", f"{_INTEGRATION}test_casework"),
    ),
    Claim(
        "Dashboards in a browser: every page opens, a KPI leads to a line of a source file, an export equals the "
        "warehouse, pages answer while a build runs and show what it published without a restart.",
        ("tests.browser.",),
    ),
)
_PARITY, _INCREMENTS = (f"{_INTEGRATION}test_spark_{name}." for name in ("parity", "increments"))
SPARK_CLAIMS = (
    Claim("Each macro that differs by engine gives the same value on both.", (f"{_PARITY}test_macros",)),
    Claim(
        "A full build on a cluster of two workers publishes what DuckDB publishes, every table in every column: of the "
        "tiny retailer and of Wide World Importers.",
        (f"{_PARITY}test_the_tiny_retailer", f"{_PARITY}test_wide_world_importers"),
    ),
    Claim(
        "So does a build in the middle of which one of the two workers is killed.",
        (f"{_PARITY}test_a_worker_killed_in_the_middle",),
    ),
    Claim(
        "So do increments on Spark: a month of the tiny retailer in three deliveries, some files late, and the last "
        "month of Wide World Importers.",
        (f"{_INCREMENTS}test_two_increments", f"{_INCREMENTS}test_the_last_month"),
    ),
)


@dataclass(frozen=True)
class Page:
    """One page of claims. ``whole``: whether it also counts what no claim names, and the property search."""

    title: str
    claims: tuple[Claim, ...]
    whole: bool = True


PAGES = {"proof": Page("Proof", CLAIMS), "proof-spark": Page("Proof of the second engine", SPARK_CLAIMS, whole=False)}


def report(groups: Sequence[Group], head: str, planned: int, page: Page = PAGES["proof"]) -> str:
    """The page. ``head``: when, with what, where; ``planned``: how many groups there are in all."""
    cases = [case for group in groups for case in group.cases]
    lines = [f"# {page.title}", "", head, "", _verdict(groups, planned), "", "## What was shown", ""]
    lines += ["| claim | shown by | minutes | |", "| --- | --- | ---: | --- |"]
    lines += [_claim_line(claim, cases) for claim in page.claims]
    if page.whole:
        lines += [_search_line(groups), _rest_line(cases)]
    lines += ["", "## The runs", "", "| run | code, day | passed | failed | skipped | minutes |"]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: |")
    for group in groups:
        count = Counter(case.outcome for case in group.cases)
        numbers = " | ".join(f"{count[outcome]:,}" for outcome in ("passed", "failed", "skipped"))
        lines.append(f"| {group.title} | {group.of} | {numbers} | {group.seconds / 60:.1f} |")
    lines += [f"\n{group.title}: {group.trouble}." for group in groups if group.trouble]
    lines += _listed("Failed:", (f"`{case.name}`" for case in cases if case.outcome == "failed"))
    lines += _listed("Skipped because:", {case.reason for case in cases if case.outcome == "skipped"})
    return "\n".join(lines) + "\n"


def _verdict(groups: Sequence[Group], planned: int) -> str:
    bad = [group.title for group in groups if not group.is_good]
    if bad:
        return f"**Not proved**: something failed in {'; '.join(bad)}."
    if len(groups) < planned:
        return f"**Not complete**: {len(groups)} of {planned} runs."
    return "Everything that ran passed."


def _claim_line(claim: Claim, cases: Iterable[Case]) -> str:
    own = [case for case in cases if case.name.startswith(claim.tests)]
    passed = [case for case in own if case.outcome == "passed"]
    recorded: Counter[str] = Counter()
    for case in passed:
        for name, value in case.recorded:
            recorded[name] += value
    shown = [_counted(number, name) for name, number in recorded.items()]
    count = sum(case.name.startswith(claim.only or claim.tests) for case in passed)
    shown.append(_counted(count, claim.cases))
    if count < len(passed):
        shown.append(_counted(len(passed) - count, "tests beside them"))
    missing = [prefix for prefix in claim.tests if not any(case.name.startswith(prefix) for case in passed)]
    return _line(claim.statement, ", ".join(shown), own, missing)


def _search_line(groups: Iterable[Group]) -> str:
    counts = [number for group in groups for number in group.examples.values()]
    shown = f"{_counted(len(counts), 'properties')}, {sum(counts):,} examples"
    statement = "Laws of numbers, percentiles, changes and texts hold for whatever the property search made up."
    return f"| {statement} | {shown} | | {'shown' if counts else 'did not run'} |"


def _rest_line(cases: Iterable[Case]) -> str:
    """Unit tests and the habits of the code, and whatever no claim names."""
    named = tuple(prefix for claim in CLAIMS for prefix in claim.tests)
    rest = [case for case in cases if not case.name.startswith(named)]
    passed = sum(case.outcome == "passed" for case in rest)
    return _line("The parts one by one, and the habits of the code.", _counted(passed, "tests"), rest)


def _line(statement: str, shown: str, own: Sequence[Case], missing: Sequence[str] = ()) -> str:
    """``missing``: what the claim stands on and none of which passed, so that it is not shown as a whole."""
    count = Counter(case.outcome for case in own)
    verdict = "did not run"
    if count["failed"]:
        verdict = f"**{count['failed']} FAILED**"
    elif count["passed"] and missing:
        verdict = f"**in part**, without {', '.join(name.removeprefix('tests.').rstrip('.') for name in missing)}"
    elif count["passed"]:
        verdict = f"shown, {count['skipped']} skipped" if count["skipped"] else "shown"
    return f"| {statement} | {shown} | {sum(case.seconds for case in own) / 60:.1f} | {verdict} |"


def _counted(number: int, plural: str) -> str:
    """``plural`` may go on after its noun: "kinds of damage"."""
    noun, *rest = plural.split(" ")
    singular = f"{noun.removesuffix('ies')}y" if noun.endswith("ies") else noun.removesuffix("s")
    return f"{number:,} {' '.join([singular if number == 1 else noun, *rest])}"


def _listed(title: str, items: Iterable[str]) -> list[str]:
    found = sorted(items)
    return ["", title, "", *(f"- {item}" for item in found)] if found else []
