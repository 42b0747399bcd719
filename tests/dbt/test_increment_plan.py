"""What an increment does with each node of the real project, decided from made-up changes, on either engine.

Not here: what an engine then computes (``test_increments``, ``test_spark_increments``).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any

import duckdb
import pytest

from orchestration.compiled import Compiled
from orchestration.dbt import DbtProject
from orchestration.increment import FACTS, Models
from orchestration.spark import is_made_here
from orchestration.spark_increment import views_of_the_instant
from orchestration.walk import Code, Increment
from signalbox.duckdb_session import cursor
from signalbox.increments.references import EVENTS, WAKES, Span
from signalbox.increments.units import ENTITIES, KINDS, MODELS
from signalbox.landing.rows import insert_rows
from signalbox.settings import PROJECT_ROOT, load_settings

# Model of units -> the instants after which it tells its units differently, of WAKES and of EVENTS. Controls say theirs
# themselves (judged_after_ts), and measures that stand on the day of the build are summed anew each time.
_PLACED, _PROMISED = "core.fct_order.order_ts", "core.fct_order_line.first_promise_latest_ts"
_TOLD, _LATE = "core.fct_message.event_ts", "core.fct_message.breach_due_ts"
AWAITED: dict[str, set[str]] = {
    "fct_contribution": {
        "raw.customer_document_line.issued_ts",
        "raw.payment.event_ts",
        "raw.pos_transaction.transaction_ts",
        "raw.refund.refund_ts",
        "raw.return_event.event_ts",
        "raw.settlement_line.posted_ts",
        "raw.shipment.shipped_ts",
        "raw.shipment_cost.cost_ts",
    },
    "fct_message": {_TOLD, _LATE},
    "fct_reservation": {"core.fct_reservation.created_ts", "core.fct_reservation.expires_ts"},
    "int_kpi__perfect_line": {
        "core.fct_order_line.actual_ts + interval 1 day",
        "core.fct_order_line.collected_ts + interval 1 day",
    },
    "int_kpi__perfect_order": {_PROMISED, _PLACED},
    "int_kpi__promise_outcome": {_PROMISED, "core.fct_order_line.current_promise_latest_ts", _PLACED},
    "int_kpi__sold_unit": {"intermediate.int_kpi__sold_unit.sold_ts + interval 30 day"},
    "int_order__current_promise": {"core.fct_promise.issued_ts"},
    "kpi_integration__sync_latency": {_TOLD, _LATE},
    "kpi_network__step_delay": {
        "intermediate.int_kpi__fulfilment_step.pick_due_ts",
        "intermediate.int_kpi__fulfilment_step.pack_due_ts",
    },
    "kpi_order__backorder": set(),
    "kpi_order__cycle_time": set(),
    "kpi_order__fill_rate": {_PROMISED, _PLACED},
    "kpi_order__marketplace_health": {_PROMISED, "core.fct_order.expected_ship_ts", _PLACED},
    "kpi_order__uncollected": {"core.fct_pickup_line.hold_until_ts"},
    "kpi_return__cycle_time": set(),
    "kpi_return__settlement_time": set(),
    "kpi_supplier__dropship_status": {f"{_PROMISED} + interval 7 day", _PLACED},
}
SAME, DIFFERENT = Code("unchanged"), Code("whole", False)
BEFORE, NOW = datetime(2026, 5, 18, 4, 38), datetime(2026, 5, 20, 7, 0)


# What differed in a month on Spark while the warehouse's own views kept the instant of the first build.
STALE = {
    *("kpi_finance__reconciliation", "kpi_finance__settlement", "kpi_integration__status_lag"),
    *("kpi_integration__sync_latency", "kpi_network__step_delay", "kpi_order__cycle_time", "kpi_return__cycle_time"),
    *("kpi_return__settlement_time", "kpi_stock__ageing", "kpi_stock__run_out", "kpi_stock__stock_out"),
    "kpi_stock__velocity",
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    found = Models(DbtProject(load_settings(tmp_path_factory.mktemp("plan"))))
    names = [name for name in (*found.nodes, *found.tests) if name in found.ids]
    found.sql = {found.ids[name]: _reads(found, name) for name in names}  # type: ignore[attr-defined]
    return found


def _reads(models: Models, name: str) -> str:
    """A select that names every parent, in place of what dbt compiles."""
    parents = models.tests.get(name) or models.parents.get(name, [])
    return f"select '{name}' as name, cast('{BEFORE}' as timestamp) from " + ", ".join(map(models.relation, parents))


class Recorded(Increment):
    """An engine that computes nothing: node -> what it was asked to do, and the SQL of each data test."""

    def __init__(self, models: Models, is_quick: bool = False, behind: Iterable[str] = (), **differing: Code) -> None:
        self.asked: dict[str, str] = {}
        self.looked_at: dict[str, str] = {}
        self.aside: set[str] = set()
        self.con = duckdb.connect()
        compiled = Compiled("", str(BEFORE), models.sql)  # type: ignore[attr-defined]
        span, warehouse = Span(BEFORE, NOW), lambda: nullcontext(self.con)
        super().__init__(models, span, warehouse, compiled, lambda *_: None, is_quick=is_quick, behind=set(behind))
        self.differing = differing

    def begin(self, con: Any) -> None: ...

    def _take_touched(self, con: Any) -> None: ...

    @contextmanager
    def _session(self, shared: Any) -> Iterator[Any]:
        with cursor(shared) as con:
            yield con

    def _row(self, session: Any, statement: str) -> tuple[int, bool, bool]:
        name = statement.split("select '")[1].split("'")[0]
        self.looked_at[name] = statement
        return 0, False, False

    def _view(self, session: Any, name: str, is_changed: bool, is_clocked: bool) -> Code:
        is_void = name in self.models.unit_views and self._is_untouched(name)
        code = self._code_of_view(name, is_changed, is_clocked, is_void)
        is_metric = name in self.models.unit_metrics
        if self._is_steady(name) and (is_metric or (name in self.models.unit_views and not is_void)):
            self._put_aside(name)
        if code.change != "unchanged":
            self.asked[name] = f"view {code.change}"
        return code

    def _put_aside(self, name: str) -> None:
        """The touched units of a node: what it reads of them has to be aside already."""
        for parent in self._unit_parents(name):
            assert parent in self.aside or parent in ENTITIES or self._codes[parent].is_void, (name, parent)
        self.aside.add(name)

    def _units(self, session: Any, name: str, unit: Any) -> Code:
        self._put_aside(name)
        self.asked[name] = "units"
        return Code("keys", False)

    def _fact(self, session: Any, name: str) -> Code:
        self.asked[name] = "fact"
        return DIFFERENT

    def _whole(self, session: Any, name: str) -> Code:
        self.asked[name] = "whole"
        return self.differing.get(name, SAME if name == "int_kpi__evidence" else DIFFERENT)

    def _relation(self, name: str) -> str:
        return self.models.relation(name)

    def _side(self, relation: str, side: str) -> str:
        return f"{side}({relation})"

    def _nothing(self, name: str) -> str:
        return f"nothing({name})"

    def _swapped(self, sql: str, relation: str, there: str) -> str:
        return sql.replace(relation, there)


def increment(
    models: Models,
    new: set[str] | None = None,
    raw: dict[str, Code] | None = None,
    is_quick: bool = False,
    behind: Iterable[str] = (),
    **references: Code,
) -> Recorded:
    """New rows of the entities ``new``, of every unit without it; of the rest only what is given differs."""
    run = Recorded(models, is_quick, behind, **references)
    run.con.execute("create schema increment; create schema touched_raw")
    for kind in {*KINDS, "message_row"}:
        run.con.execute(f"create table increment.touched_{kind} as select 'one' as id")
    run.con.execute(
        "create table increment.change (schema_name varchar, node_name varchar, change_code varchar, is_harmless bool)"
    )
    for name in ENTITIES:
        rows = 1 if new is None or name in new else 0
        run.con.execute(f"create table touched_raw.{name} as select 1 as number from range({rows})")
    codes = {source["name"]: Code("keys") if source["name"] in ENTITIES else SAME for source in sources(models)}
    codes |= {name: SAME for name, node in models.nodes.items() if node["resource_type"] == "seed"} | (raw or {})
    for name in models.plain_views:
        above = [codes[parent] for parent in models.parents[name]]
        codes[name] = SAME if all(code.change == "unchanged" for code in above) else DIFFERENT
    codes |= references
    rows = [("", name, code.change, code.is_harmless) for name, code in codes.items()]
    insert_rows(run.con, "increment.change", rows)
    return run


def sources(models: Models) -> list[dict[str, Any]]:
    return list(models.project.sources.values())


def rest(models: Models, new: set[str] | None = None, **references: Code) -> Recorded:
    """What is done when reference tables became what is given and are the same otherwise."""
    run = increment(models, new, None, **dict.fromkeys(models.references, SAME) | references)
    assert run.rest()
    return run


def test_new_rows_of_units_alone(models: Models) -> None:
    """Every model of units is computed for what is touched, what reads units is whole, the rest is left."""
    asked = rest(models).asked
    assert {name for name in MODELS if asked.get(name) != "units"} == set()
    assert {name for name in FACTS if asked.get(name) != "fact"} == set()
    assert asked["int_kpi__evidence"] == asked["mart_order_summary"] == "whole"
    # Suppliers' purchase orders hold no units and nothing of them is new.
    assert "fct_receipt_line" in models.nodes and "fct_receipt_line" not in asked


def test_a_reference_that_differs_and_has_no_rule(models: Models) -> None:
    """Its readers are built whole, and theirs: nothing may be left as it was."""
    asked = rest(models, dim_product=DIFFERENT).asked
    readers = [name for name in MODELS if "dim_product" in models.parents[name]]
    assert readers and {asked[name] for name in readers} == {"whole"}
    beyond = [name for name in MODELS if set(models.parents[name]) & set(readers) and not MODELS[name].tolerates]
    assert {asked[name] for name in beyond} == {"whole"}


def test_a_table_of_units_that_was_computed_whole_and_is_the_same(models: Models) -> None:
    """What reads it is whole as well: touched units of it are not aside, or those of an earlier increment are."""
    asked = rest(models, dim_product=DIFFERENT, **dict.fromkeys(MODELS, SAME)).asked
    readers = [name for name in MODELS if "dim_product" in models.parents[name]]
    beyond = [name for name in MODELS if set(models.parents[name]) & set(readers) and not MODELS[name].tolerates]
    assert beyond and {asked[name] for name in beyond} == {"whole"}


def test_a_reference_that_differs_harmlessly(models: Models) -> None:
    asked = rest(models, dim_product=Code("whole")).asked
    assert {name for name in MODELS if asked.get(name) != "units"} == set()


def test_units_of_which_none_is_touched(models: Models) -> None:
    """Messages alone: a model is computed where it reads one that is, or has rows that name no unit."""
    asked = rest(models, new={"integration_message"}).asked
    done = {name for name in MODELS if asked.get(name) == "units"}
    assert "fct_message" in done and len(done) < len(MODELS) / 4
    assert not done & {"fct_order", "fct_order_line", "fct_return_line", "fct_shipment", "fct_store_sale_line"}
    read = {*asked, "integration_message"}
    assert [name for name in done if not MODELS[name].loose and not read & set(models.parents[name])] == []
    assert {name for name, unit in MODELS.items() if unit.loose} <= done


def test_what_time_passes_over_wakes_its_units(models: Models) -> None:
    """Whatever model of units names the instant of the build, its deadlines are known."""
    controls = {name for name in MODELS if name.startswith("ctl_")} | {"int_control__exception", "fct_exception"}
    with (PROJECT_ROOT / "dbt_project" / "seeds" / "kpi_catalog.csv").open(encoding="utf-8", newline="") as file:
        axes = [(row["model_name"], row["time_axis"]) for row in csv.DictReader(file)]
    on_build_day = {name for name, _ in axes} - {name for name, axis in axes if axis != "as_of"}
    clocked = models.clocked & (models.units | models.unit_metrics)
    assert clocked - controls - on_build_day == set(AWAITED)
    known = {f"{relation}.{instant}" for _, _, relation, instant in WAKES}
    known |= {f"raw.{entity}.{instant}" for entity, instant in EVENTS.items()}
    assert set().union(*AWAITED.values()) <= known


def test_tests_of_units_alone_look_at_the_touched(models: Models) -> None:
    looked_at = rest(models).looked_at
    counted = {"touched": 0, "all": 0}
    for name, statement in looked_at.items():
        units = all(node in ENTITIES or node in models.units for node in models.tests[name])
        is_touched = all(f"touched({models.relation(node)})" in statement for node in models.tests[name])
        assert is_touched == units, name
        assert f"cast('{NOW}' as timestamp)" in statement and f"'{BEFORE}'" not in statement
        counted["touched" if units else "all"] += 1
    assert min(counted.values()) > 10


def test_a_quick_build_builds_what_is_touched_and_tells_what_it_left(models: Models) -> None:
    run = increment(models, is_quick=True, **dict.fromkeys(models.references, SAME))
    assert run.rest()
    assert {name for name in MODELS if run.asked.get(name) != "units"} == set()
    assert set(run.asked) <= models.kept_up
    assert {"mart_order_summary", "ctl_order__stuck_status", "kpi_order__exception_rate"} <= run.behind
    assert run.behind.isdisjoint(models.kept_up) and "fct_receipt_line" not in run.behind
    left = {name for name in run.behind if name in models.tests}
    assert left and left.isdisjoint(run.looked_at)
    assert all(not run.behind.isdisjoint(models.tests[name]) for name in left)


def test_what_quick_builds_left_is_built_though_nothing_it_reads_differs(models: Models) -> None:
    test = next(name for name, read in models.tests.items() if "fct_receipt_line" in read)
    left = {"fct_receipt_line", "kpi_order__exception_rate", test}
    run = increment(models, new=set(), behind=left)
    assert run.references() and run.rest()
    assert run.asked["fct_receipt_line"] == "whole" and test in run.looked_at
    assert run.behind == left


def test_references_are_built_where_they_may_differ(models: Models) -> None:
    run = increment(models, raw={"product": DIFFERENT})
    assert run.references()
    assert run.asked["dim_product"] == "whole" and "dim_promotion" not in run.asked
    codes = dict(run.con.execute("select node_name, change_code from increment.change").fetchall())
    assert codes["dim_product"] == "whole" and codes["dim_promotion"] == "unchanged"


def test_an_increment_on_spark_makes_views_of_the_instant_anew(models: Models) -> None:
    made_here = {name for name, node in models.nodes.items() if is_made_here(node)}
    names = set(views_of_the_instant(models))
    assert STALE <= names < made_here
    named = {name for name in made_here if "as_of()" in models.nodes[name]["raw_code"]}
    assert named and named <= names
    assert "kpi_order__perfect_order" not in names
