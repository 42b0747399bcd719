"""The laws that hold beyond one row notice what they are for: each holds on the tiny retailer and not on a spoilt copy.

Not here: the laws themselves (dbt_project/tests), which every build runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Retailer
from tests.dbt.command import PROJECT, dbt, warehouse_copy

LAWS = {path.stem for folder in ("", "conservation") for path in (PROJECT / "tests" / folder).glob("*.sql")}
ONE_LINE = "(select min(order_line_key) from core.fct_order_line where {where})"

# Law -> what spoils it.
SPOILT = {
    "the_last_balance_is_the_sum_of_the_movements": """
        update intermediate.int_stock__balance set balance_qty = balance_qty + 1
        where movement_id = (
            select min(movement_id) from intermediate.int_stock__balance where next_event_ts is null
        )""",
    "units_of_an_order_line_stay_within_what_was_ordered": f"""
        update core.fct_order_line set cancelled_qty = ordered_qty + 1
        where order_line_key = {ONE_LINE.format(where="ordered_qty > 0")}""",
    "cancelled_units_of_a_line_are_the_sum_of_its_cancellations": """
        delete from core.fct_cancellation
        where cancellation_key = (select min(cancellation_key) from core.fct_cancellation)""",
    "shipping_of_an_order_is_the_sum_of_its_lines": """
        update intermediate.int_order__shipping_share set shipping_amount = shipping_amount + 0.01
        where order_line_key = (
            select min(order_line_key) from intermediate.int_order__shipping_share where shipping_amount > 0
        )""",
    "sales_of_a_line_handed_over_completely_are_its_net_amount": """
        update core.fct_contribution set amount = amount * 4
        where step_code = 'gross_sales' and item_kind_code = 'order_line'""",
    "contribution_of_a_day_is_the_sum_of_its_inputs": """
        update core.fct_contribution set amount = amount + 0.01
        where contribution_id = (select min(contribution_id) from core.fct_contribution where step_code = 'refund')""",
    "till_sales_of_a_day_are_the_sum_of_the_tills": """
        insert into core.fct_contribution
        select * from core.fct_contribution
        where item_kind_code = 'store_sale' and step_code = 'gross_sales' and amount > 0
        order by contribution_id limit 1""",
    "freight_of_a_shipment_is_the_sum_of_its_lines": """
        delete from core.fct_contribution
        where contribution_id = (select min(contribution_id) from core.fct_contribution where step_code = 'freight')""",
    "every_version_of_a_message_has_one_representative": """
        update core.fct_message set is_representative = false
        where message_id = (select min(message_id) from core.fct_message)""",
    "what_statements_paid_is_in_the_expectations": """
        update core.fct_settlement_expectation set actual_amount_local = actual_amount_local - 0.01
        where expectation_key = (select min(expectation_key) from core.fct_settlement_expectation where is_settled)""",
    "availability_of_a_channel_never_overlaps": """
        update core.fct_ats_publication set valid_to_ts = null where valid_to_ts is not null""",
    "stock_pairs_hold_every_compared_snapshot_row": """
        delete from core.fct_stock_pair
        where gross_qty_a > 0 and cut_date = (select max(cut_date) from core.fct_stock_pair)""",
    "reconciliation_items_are_matched_or_open": """
        update core.fct_reconciliation_item set matched_amount = matched_amount - 0.01
        where item_key = (select min(item_key) from core.fct_reconciliation_item where is_cleared)""",
    "reconciled_sums_of_a_period_are_its_items": """
        delete from core.fct_reconciliation_item
        where item_key = (select min(item_key) from core.fct_reconciliation_item where side_code = 'reference')""",
    "scheduled_fees_by_kind_are_the_fees_of_a_part": """
        update intermediate.int_finance__expected_part set fee_amount_local = fee_amount_local - 0.01
        where order_line_key = (select min(order_line_key) from intermediate.int_finance__expected_part)""",
    "exceptions_hold_in_time": """
        update marts.fct_exception set closed_ts = null
        where exception_id = (select min(exception_id) from marts.fct_exception where status_code = 'closed')""",
    "kpi_parts_add_up_to_the_whole": """
        update marts.fct_kpi set evaluable_count = evaluable_count + 1
        where kpi_id = 'K02' and grouping_name = 'total'""",
    "kpi_targets_do_not_overlap": """
        insert into marts.dim_kpi_target
        select * replace (cast(valid_from + interval 1 day as date) as valid_from)
        from marts.dim_kpi_target where valid_to is null limit 1""",
    "kpi_values_have_a_catalogue_row_and_a_declared_grouping": """
        update marts.fct_kpi set grouping_name = 'weekday' where kpi_id = 'K02' and grouping_name = 'total'""",
    "order_summary_holds_every_order": """
        delete from marts.mart_order_summary where order_type <> 'store_sale'""",
}


@pytest.fixture(scope="module")
def compiled(tiny: Retailer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A copy of the warehouse, and the laws as SQL on it."""
    warehouse = warehouse_copy(tiny, tmp_path_factory.mktemp("laws"))
    keys = ["fct_promise,test_name:holds_every_key_of", "fct_stock_pair,test_name:unique_key"]
    dbt(warehouse, "compile", "--quiet", "--select", "path:tests", *keys)
    written = (warehouse.parent / "compiled").rglob("*.sql")
    return warehouse, {path.stem: path.read_text(encoding="utf-8") for path in written}


@pytest.fixture
def con(compiled: tuple[Path, dict[str, str]]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(compiled[0])) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("begin")
        yield connection
        connection.execute("rollback")


def test_every_law_has_data_that_breaks_it() -> None:
    assert set(SPOILT) == LAWS


@pytest.mark.parametrize("law", sorted(SPOILT))
def test_a_law_holds_and_notices_when_it_is_broken(
    compiled: tuple[Path, dict[str, str]], con: duckdb.DuckDBPyConnection, law: str
) -> None:
    query = f"select count(*) from ({compiled[1][law]})"
    assert con.execute(query).fetchone() == (0,)
    con.execute(SPOILT[law])
    broken = con.execute(query).fetchone()
    assert broken and broken[0] > 0


@pytest.mark.parametrize(
    ("law", "spoil", "is_noticed"),
    [
        ("holds_every_key_of", "delete from core.fct_promise where promise_version = 1", True),
        ("holds_every_key_of", "insert into core.fct_promise select * from core.fct_promise limit 1", True),
        ("holds_every_key_of", "update core.fct_promise set order_id = 'nobody' where promise_version = 1", True),
        ("holds_every_key_of", "update core.fct_promise set basis_code = 'other'", False),
        ("unique_key", "insert into core.fct_stock_pair select * from core.fct_stock_pair limit 1", True),
        ("unique_key", "delete from core.fct_stock_pair where is_mismatch", False),
    ],
)
def test_keys_that_are_lost_or_doubled_are_noticed(
    compiled: tuple[Path, dict[str, str]], con: duckdb.DuckDBPyConnection, law: str, spoil: str, is_noticed: bool
) -> None:
    (query,) = (sql for name, sql in compiled[1].items() if name.startswith(law))
    con.execute(spoil)
    found = con.execute(f"select count(*) from ({query})").fetchone()
    assert found and bool(found[0]) is is_noticed
