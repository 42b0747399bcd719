"""The general ledger's control totals equal the operational rows, by the rules in ``signalbox.simulate.money``."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from signalbox.simulate import simulate
from tests.integration.extracts import connect

# every posting, cent by cent, from the files: account, channel, reporting day, amount in EUR
POSTINGS = """
create temp table posting as
with rates as (select rate_date, rate from exchange_rate),
orders as (
    select o.*, berlin(o.order_ts) order_day,
        coalesce(case when o.currency_code = 'EUR' then 1 end, r.rate) fx,
        o.tax_amount - (select sum(l.tax_amount) from sales_order_line l where l.order_id = o.order_id) shipping_tax
    from sales_order o left join rates r on r.rate_date = berlin(o.order_ts)
),
lines as (
    select l.*, o.channel_id, o.fx, l.gross_amount - l.discount_amount - l.tax_amount paid_ex,
        coalesce((select sum(amount) from discount_allocation d where d.order_id = l.order_id
            and d.line_no = l.line_no), 0) discount_ex,
        coalesce((select sum(amount) from discount_allocation d where d.order_id = l.order_id
            and d.line_no = l.line_no and funding_code = 'supplier'), 0) funded_ex
    from sales_order_line l join orders o using (order_id)
),
issues as (
    select s.order_id, p.line_no, p.quantity, s.shipped_ts ts, s.location_id, s.shipment_id doc
        from shipment s join shipment_line p using (shipment_id)
    union all
    select order_id, line_no, collected_qty, collected_ts, location_id, '' from pickup_task
        where collected_ts is not null
),
parts as (
    select i.*, l.sku, l.channel_id, l.fx, l.quantity ordered, l.paid_ex, l.discount_ex, l.funded_ex,
        sum(i.quantity) over (partition by i.order_id, i.line_no order by i.ts, i.doc) upto
    from issues i join lines l using (order_id, line_no)
),
shares as (
    select *, share(paid_ex, upto, ordered) - share(paid_ex, upto - quantity, ordered) paid_part,
        share(discount_ex, upto, ordered) - share(discount_ex, upto - quantity, ordered) discount_part,
        share(funded_ex, upto, ordered) - share(funded_ex, upto - quantity, ordered) funded_part
    from parts
),
costs as (
    select sku, valid_from, coalesce(lead(valid_from) over (partition by sku
        order by valid_from), date '9999-01-01') valid_to,
        coalesce(landed_cost_amount, standard_cost_amount) unit_cost from item_cost
),
firsts as (select order_id, min(ts) ts from issues group by all),
backs as (
    select r.*, coalesce(o.channel_id, 'store') channel, coalesce(o.fx, 1) fx from return_line r left
        join orders o using (order_id)
),
events as (
    select 'revenue' account, channel_id channel, ts, round((paid_part + discount_part) * fx, 2) amount from shares
    union all select 'discount', channel_id, ts, -round((discount_part - funded_part) * fx,
        2) - round(funded_part * fx, 2) from shares
    union all select 'supplier_funding', channel_id, ts, round(funded_part * fx, 2) from shares
    union all
    select 'cogs', s.channel_id, s.ts, -round(s.quantity * c.unit_cost, 2) from shares s
        join costs c on c.sku = s.sku and berlin(s.ts) >= c.valid_from
        and berlin(s.ts) < c.valid_to
    union all
    select 'fulfilment', s.channel_id, s.ts, -round(s.quantity * c.unit_amount, 2) from shares s
        join location p using (location_id)
        join cost_rate c on c.location_type = p.location_type where c.cost_type <> 'return_handling'
    union all
    select 'shipping_revenue', o.channel_id, f.ts, round((o.shipping_amount - o.shipping_tax) * o.fx, 2)
        from firsts f join orders o using (order_id)
    union all select 'freight', o.channel_id, c.cost_ts, -c.amount from shipment_cost c
        join shipment s using (shipment_id) join orders o using (order_id)
    union all
    select 'payment_fee', o.channel_id, p.event_ts, -round(p.fee_amount * o.fx, 2) from payment p
        join orders o using (order_id) where p.payment_type = 'capture'
    union all select 'payment_fee', 'store', transaction_ts, -fee_amount from pos_tender
    union all
    select 'revenue', 'store', l.transaction_ts, l.gross_amount - l.discount_amount - l.tax_amount
        + coalesce((select sum(d.amount) from discount_allocation d
            where d.transaction_id = l.transaction_id and d.transaction_line_no = l.line_no), 0)
        from pos_transaction_line l join pos_transaction t using (transaction_id) where t.transaction_type = 'sale'
    union all select 'discount', 'store', event_ts, -amount from discount_allocation where transaction_id is not null
    union all select 'supplier_funding', 'store', event_ts, amount from discount_allocation
        where transaction_id is not null and funding_code = 'supplier'
    union all
    select 'cogs', 'store', l.transaction_ts, -round(l.quantity * c.unit_cost, 2)
        from pos_transaction_line l join pos_transaction t using (transaction_id)
        join costs c on c.sku = l.sku and berlin(l.transaction_ts) >= c.valid_from
        and berlin(l.transaction_ts) < c.valid_to where t.transaction_type = 'sale'
    union all
    select 'refund', coalesce(o.channel_id, 'store'), r.refund_ts,
        -round((r.amount - r.tax_amount) * coalesce(o.fx, 1), 2) from refund r left join orders o using (order_id)
    union all
    select 'return_handling', b.channel, e.event_ts, -round(e.quantity * c.unit_amount, 2)
        from return_event e join backs b using (return_id)
        join location p on p.location_id = e.location_id join cost_rate c
            on c.location_type = p.location_type and c.cost_type = 'return_handling'
        where e.event_type = 'received'
    union all
    select case when e.event_type = 'received' then 'cogs' else 'return_writedown' end, b.channel, e.event_ts,
        case when e.event_type = 'received' then 1 else -1 end * round(e.quantity * c.unit_cost, 2)
        from return_event e join backs b using (return_id)
        join costs c on c.sku = b.sku and berlin(e.event_ts) >= c.valid_from
        and berlin(e.event_ts) < c.valid_to
        where e.event_type = 'received' or e.disposition_code = 'scrap'
    union all
    select 'marketplace_fee', s.channel_id, l.posted_ts, round(l.amount * coalesce(o.fx,
        case when l.currency_code = 'EUR' then 1 end, r.rate), 2)
        from settlement_line l join settlement s using (settlement_id)
        left join orders o on o.channel_id = s.channel_id and o.external_order_key = l.external_order_key
        left join rates r on r.rate_date = berlin(l.posted_ts)
        where l.line_type = 'fee'
)
select account, channel, berlin(ts) as day, sum(amount) amount from events group by all having sum(amount) <> 0
"""


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    out = tmp_path_factory.mktemp("ledger")
    simulate(out, "tiny", faults="none", seed=11)
    con = connect(out / "extracts")
    # a share of whole cents, rounded half up (the amounts here are not negative)
    con.execute(
        "create macro share(amount, units, whole) as "
        "cast(((2 * cast(amount * 100 as bigint) * units + whole) // (2 * whole)) / 100.0 as decimal(18, 2))"
    )
    con.execute("create macro berlin(ts) as cast(timezone('Europe/Berlin', timezone('UTC', ts)) as date)")
    con.execute(POSTINGS)
    return con


def test_control_totals_equal_the_components(clean: duckdb.DuckDBPyConnection) -> None:
    difference = clean.execute(
        """with book as (select account_code account, channel_id channel,
            berlin(posted_ts) as day, sum(amount) amount from gl_posting group by all)
        select account, channel, day, b.amount booked, p.amount found from book b full
            join posting p using (account, channel, day)
        where coalesce(b.amount, 0) <> coalesce(p.amount, 0)"""
    ).fetchall()
    assert difference == []


def test_every_account_is_used(clean: duckdb.DuckDBPyConnection) -> None:
    totals = dict(clean.execute("select account_code, sum(amount) from gl_posting group by all").fetchall())
    assert set(totals) == {
        "revenue", "discount", "refund", "cogs", "supplier_funding", "return_writedown", "shipping_revenue",
            "fulfilment", "freight",
        "payment_fee", "marketplace_fee", "return_handling",
    }  # fmt: skip
    assert all(totals[account] > Decimal(0) for account in ("revenue", "supplier_funding", "shipping_revenue"))
    assert sum(totals.values()) > 0
