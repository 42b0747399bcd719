"""What the simulated systems say adds up when nothing is injected: every law is computed from the files alone."""

from __future__ import annotations

import duckdb
import pytest

from signalbox.simulate import simulate
from tests.integration.extracts import breaches, connect


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    out = tmp_path_factory.mktemp("clean")
    simulate(out, "tiny", faults="none")
    return connect(out / "extracts")


def none(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    rows = con.execute(sql).fetchmany(5)
    assert rows == [], f"{rows} from {sql}"


def test_every_row_keeps_its_contract(clean: duckdb.DuckDBPyConnection) -> None:
    assert breaches(clean) == []


def test_the_numbers_of_the_scale(clean: duckdb.DuckDBPyConnection) -> None:
    orders, first, last = clean.execute("select count(*), min(order_ts), max(order_ts) from sales_order").fetchone()  # type: ignore[misc]
    assert orders == 2000
    assert (last - first).days in (59, 60)
    assert clean.execute("select count(*) from location where location_type = 'store'").fetchone() == (12,)
    assert clean.execute("select count(*) from product where product_type = 'goods'").fetchone() == (120,)


def test_order_amounts_add_up(clean: duckdb.DuckDBPyConnection) -> None:
    none(clean, "select * from sales_order_line where gross_amount <> round(quantity * unit_price_amount, 2)")
    none(
        clean,
        """select o.order_id from sales_order o join sales_order_line l using (order_id)
            group by o.order_id, o.total_amount
        having o.total_amount <> sum(l.gross_amount - l.discount_amount) + any_value(o.shipping_amount)""",
    )
    none(
        clean,
        """select l.order_id from sales_order_line l join tax_line t using (order_id, line_no)
            join tax_rule r using (tax_code)
        where t.tax_amount <> l.tax_amount or t.taxable_amount + t.tax_amount <> l.gross_amount - l.discount_amount
        or abs(round(t.taxable_amount * r.rate_share, 2) - t.tax_amount) > 0.01""",
    )
    none(
        clean,
        """with d as (select order_id, line_no, sum(amount) amount from discount_allocation
            where order_id is not null group by all)
        select l.order_id, l.line_no from sales_order_line l join tax_line t using (order_id, line_no)
            join tax_rule r using (tax_code)
        left join d using (order_id, line_no)
        where (2000000 * cast(l.gross_amount * 100 as bigint) + cast(1000000 * (1 + r.rate_share) as bigint))
            // (2 * cast(1000000 * (1 + r.rate_share) as bigint)) - cast(100 * t.taxable_amount as bigint)
            <> cast(100 * coalesce(d.amount, 0) as bigint)""",
    )


def test_tenders_are_the_totals_of_the_tills(clean: duckdb.DuckDBPyConnection) -> None:
    none(
        clean,
        """select t.transaction_id from pos_transaction t
        left join (select transaction_id, sum(amount) amount from pos_tender group by all) p using (transaction_id)
        left join (select transaction_id, sum(gross_amount - discount_amount) amount
            from pos_transaction_line group by all) l using (transaction_id)
        where t.total_amount <> coalesce(p.amount, 0) or t.total_amount <> coalesce(l.amount, 0)""",
    )


def test_captures_are_the_invoices(clean: duckdb.DuckDBPyConnection) -> None:
    none(
        clean,
        """with paid as (select order_id, sum(amount) amount from payment
            where payment_type = 'capture' group by all),
        billed as (select order_id, sum(net_amount + tax_amount) amount from customer_document_line
            where document_type <> 'credit_memo' and issued_ts < (select max(issued_ts) - interval 1 day
                from customer_document_line) group by all)
        select * from billed left join paid using (order_id) where billed.amount > coalesce(paid.amount, 0)""",
    )


def test_statements_add_up_and_are_paid(clean: duckdb.DuckDBPyConnection) -> None:
    none(
        clean,
        """select s.settlement_id from settlement s join settlement_line l using (settlement_id)
            group by s.settlement_id, s.payout_amount
        having s.payout_amount <> sum(l.amount)""",
    )
    none(
        clean,
        """select s.settlement_id from settlement s left join bank_deposit d on d.reference = s.settlement_id
        where s.payout_due_date < (select max(rate_date) from exchange_rate)
            and coalesce(d.amount, 0) <> s.payout_amount""",
    )
    none(
        clean,
        """select p.settlement_id, p.line_no from settlement_line p
        join sales_order o on o.external_order_key = p.external_order_key
        join settlement_line f on f.settlement_id = p.settlement_id and f.external_order_key = p.external_order_key
            and f.order_line_no = p.order_line_no and f.line_type = 'fee'
        join sales_order_line l on l.order_id = o.order_id and l.line_no = p.order_line_no
        join product i on i.sku = l.sku
        join fee_schedule r on r.channel_id = o.channel_id and r.category_code = i.category_code
            and r.fee_type = f.fee_type
        where p.line_type = 'principal' and -f.amount <> round(p.amount * r.rate_share, 2) + r.fixed_amount""",
    )


def test_the_ledger_is_the_stock_of_the_system_of_record(clean: duckdb.DuckDBPyConnection) -> None:
    none(
        clean,
        """with cuts as (select distinct snapshot_ts from inventory_snapshot),
        book as (select c.snapshot_ts, m.location_id, m.sku, sum(m.quantity) quantity
            from cuts c join inventory_movement m on m.event_ts <= c.snapshot_ts group by all)
        select s.* from inventory_snapshot s join location p using (location_id)
        left join book b using (snapshot_ts, location_id, sku)
        where s.system_code = p.stock_system_code and s.on_hand_qty <> coalesce(b.quantity, 0)""",
    )
    none(
        clean,
        """select * from (select *, sum(quantity) over (partition by location_id, sku
            order by event_ts, quantity desc, movement_id) balance
        from inventory_movement) where balance < 0""",
    )


def test_every_other_view_lacks_only_what_is_under_way(clean: duckdb.DuckDBPyConnection) -> None:
    none(
        clean,
        """with own as (select s.*, p.stock_system_code from inventory_snapshot s
            join location p using (location_id) where s.system_code = p.stock_system_code),
        other as (select s.*, p.stock_system_code, s.on_hand_qty + case when s.system_code in ('ecommerce',
            'marketplace') then s.reserved_qty else 0 end gross
            from inventory_snapshot s join location p using (location_id) where s.system_code <> p.stock_system_code),
        flying as (select o.snapshot_ts, o.system_code, o.location_id, o.sku, sum(m.quantity) quantity from other o
            join integration_message m on m.interface_id = o.stock_system_code || '>' || o.system_code || ':stock'
            and m.location_id = o.location_id and m.sku = o.sku and m.sent_ts <= o.snapshot_ts
                and m.applied_ts > o.snapshot_ts group by all)
        select * from other b join own a using (snapshot_ts, location_id, sku)
        left join flying f on f.snapshot_ts = b.snapshot_ts and f.system_code = b.system_code
            and f.location_id = b.location_id and f.sku = b.sku
        where a.on_hand_qty - b.gross - coalesce(f.quantity, 0) <> 0""",
    )


def test_deliveries_follow_their_shipments(clean: duckdb.DuckDBPyConnection) -> None:
    none(clean, "select * from shipment_event e join shipment s using (shipment_id) where e.event_ts < s.shipped_ts")
    none(clean, "select * from order_event e join sales_order o using (order_id) where e.event_ts < o.order_ts")
    none(clean, "select * from refund r join return_line l using (return_id) where r.refund_ts < l.initiated_ts")
    none(
        clean,
        """select l.order_id, l.line_no from sales_order_line l join shipment_line s using (order_id, line_no)
        group by l.order_id, l.line_no, l.quantity having sum(s.quantity) > l.quantity""",
    )
