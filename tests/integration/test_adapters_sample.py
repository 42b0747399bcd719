"""The shipped adapters on tiny files in their vendors' form, made by hand, for where the vendors' data is absent.

Not here: the known answers of the vendors' own files (``test_adapters``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from signalbox.landing import land
from signalbox.landing.raw import attach
from signalbox.settings import load_settings

# One query a vendor table; the types are those of the vendor's Parquet files (numbers that may be empty are doubles).
WIDE_WORLD = {
    "stock_items": """
        select * from (values
            (1::bigint, 'Mug (White)', 4::bigint, null::varchar, 14::bigint, 1::bigint, 15::bigint, 13.0::double,
             0.15::double, timestamp '2016-05-31 23:11:00'),
            (2, 'Tape 10 m', 5, 'Stick', 3, 12, 10, 0.66, 0.4, timestamp '2016-05-31 23:00:00'),
            (3, 'Joke book', 4, null, 7, 1, 15, 5.0, 0.2, timestamp '2016-05-31 23:00:00')
        ) as t(StockItemID, StockItemName, SupplierID, Brand, LeadTimeDays, QuantityPerOuter, TaxRate, UnitPrice,
               TypicalWeightPerUnit, ValidFrom)""",
    "stock_groups": """
        select * from (values (1::bigint, 'Novelty Items'), (3, 'Mugs'), (10, 'Packaging Materials'))
        as t(StockGroupID, StockGroupName)""",
    # Novelty Items has two items, Mugs one: the mug's category is Mugs.
    "stock_item_stock_groups": """
        select * from (values (1::bigint, 1::bigint, 1::bigint), (2, 1, 3), (3, 2, 10), (4, 3, 1))
        as t(StockItemStockGroupID, StockItemID, StockGroupID)""",
    "suppliers": """
        select * from (values (4::bigint, 'Fabrikam, Inc.'), (5, 'Litware, Inc.')) as t(SupplierID, SupplierName)""",
    "customer_categories": """
        select * from (values
            (6::bigint, 'Gift Store', timestamp '2013-01-01'), (7, 'Corporate', timestamp '2013-01-01')
        ) as t(CustomerCategoryID, CustomerCategoryName, ValidFrom)""",
    "customers": "select * from (values (801::bigint, 6::bigint), (802, 7)) as t(CustomerID, CustomerCategoryID)",
    "orders": """
        select * from (values
            (1::bigint, 801::bigint, 3.0::double, 3.0::double, timestamp '2015-01-05', timestamp '2015-01-06',
             timestamp '2015-01-06 12:00:00', timestamp '2015-01-06 12:00:00'),
            (2, 802, null, null, timestamp '2015-07-06', timestamp '2015-07-07', null, timestamp '2015-07-06 11:00:00'),
            (3, 801, 3.0, null, timestamp '2015-01-05', timestamp '2015-01-06', timestamp '2015-01-07 11:00:00',
             timestamp '2015-01-07 11:00:00')
        ) as t(OrderID, CustomerID, PickedByPersonID, BackorderOrderID, OrderDate, ExpectedDeliveryDate,
               PickingCompletedWhen, LastEditedWhen)""",
    # The lines of order 1 stand in the file against the order of their numbers.
    "order_lines": """
        select * from (values
            (9::bigint, 1::bigint, 2::bigint, 5::bigint, 0.66::double, 10::bigint, 5::bigint,
             timestamp '2015-01-06 11:00:00', timestamp '2015-01-06 11:00:00'),
            (4, 1, 1, 10, 13.0, 15, 10, timestamp '2015-01-06 11:00:00', timestamp '2015-01-06 11:00:00'),
            (5, 2, 1, 4, 13.0, 15, 0, null, timestamp '2015-07-06 11:00:00'),
            (6, 3, 2, 20, 0.66, 10, 20, timestamp '2015-01-07 11:00:00', timestamp '2015-01-07 11:00:00')
        ) as t(OrderLineID, OrderID, StockItemID, Quantity, UnitPrice, TaxRate, PickedQuantity, PickingCompletedWhen,
               LastEditedWhen)""",
    # Type 9 is a transfer, which no row of the real tables has: the contract refuses it.
    "stock_item_transactions": """
        select * from (values
            (1::bigint, 1::bigint, 11::bigint, 31.0::double, timestamp '2015-03-09 07:00:00', 24::bigint),
            (2, 1, 10, null, timestamp '2015-03-10 12:00:00', -10),
            (3, 2, 9, null, timestamp '2015-03-10 12:00:00', -1)
        ) as t(StockItemTransactionID, StockItemID, TransactionTypeID, PurchaseOrderID, TransactionOccurredWhen,
               Quantity)""",
    "purchase_orders": """
        select * from (values (31::bigint, 5::bigint, timestamp '2015-03-06', timestamp '2015-03-20', true,
                               timestamp '2015-03-09 07:00:00'))
        as t(PurchaseOrderID, SupplierID, OrderDate, ExpectedDeliveryDate, IsOrderFinalized, LastEditedWhen)""",
    "purchase_order_lines": """
        select * from (values
            (71::bigint, 31::bigint, 2::bigint, 2::bigint, 2::bigint, 6.0::double, timestamp '2015-03-09', true,
             timestamp '2015-03-09 07:00:00'),
            (72, 31, 1, 3, 0, 5.5, null, false, timestamp '2015-03-09 07:00:00')
        ) as t(PurchaseOrderLineID, PurchaseOrderID, StockItemID, OrderedOuters, ReceivedOuters,
               ExpectedUnitPricePerOuter, LastReceiptDate, IsOrderLineFinalized, LastEditedWhen)""",
    # Type 3 is a payment; it has no invoice.
    "customer_transactions": """
        select * from (values (1::bigint, 801::bigint, 1::bigint, 50.0::double, timestamp '2015-01-06'),
                              (2, 802, 3, null, timestamp '2015-01-07'))
        as t(CustomerTransactionID, CustomerID, TransactionTypeID, InvoiceID, TransactionDate)""",
    "invoice_lines": """
        select * from (values
            (90::bigint, 50::bigint, 1::bigint, 10::bigint, 149.5::double, 19.5::double, 85.0::double,
             timestamp '2015-01-06 12:00:00'),
            (91, 51, 2, 5, 3.63, 0.33, -1.2, timestamp '2015-01-08 12:00:00')
        ) as t(InvoiceLineID, InvoiceID, StockItemID, Quantity, ExtendedPrice, TaxAmount, LineProfit,
               LastEditedWhen)""",
}

ELECTRONICS = {
    "customers": """
        select * from (values ('301', 'Australia'), ('302', 'United States')) as t(CustomerKey, Country)""",
    "exchange_rates": """
        select * from (values ('01-02-2016', 'CAD', '1.3884'), ('1/13/2016', 'CAD', '1.4250'))
        as t(Date, Currency, Exchange)""",
    "products": """
        select * from (values
            ('1', 'Television', 'Contoso', '$815.00 ', '$1,599.90 ', 'TV and Video'),
            ('2', 'MP3 player', 'Contoso', '$6.62 ', '$12.99 ', 'Audio'),
            ('3', 'Radio', 'Contoso', '$1.00 ', 'on request', 'Audio')
        ) as t(ProductKey, "Product Name", Brand, "Unit Cost USD", "Unit Price USD", Category)""",
    "stores": """
        select * from (values ('10', 'Germany', 'Freistaat ThÃ¼ringen', '03-06-2008'),
                              ('11', 'United States', 'Idaho', '12/15/2012'), ('0', 'Online', 'Online', '01-01-2010'))
        as t(StoreKey, Country, State, "Open Date")""",
    # Order 7003 has a day that does not exist; 7004 buys what has no price.
    "sales_raw": """
        select * from (values
            ('7000', '1', '01-02-2016', null, '301', '10', '1', '1', 'EUR'),
            ('7000', '2', '01-02-2016', null, '301', '10', '2', '3', 'EUR'),
            ('7001', '1', '1/13/2016', '02-01-2016', '302', '0', '2', '2', 'USD'),
            ('7001', '2', '1/13/2016', '02-01-2016', '302', '0', '1', '1', 'USD'),
            ('7003', '1', '13/13/2016', '1/14/2016', '301', '0', '2', '1', 'AUD'),
            ('7004', '1', '1/14/2016', '1/15/2016', '301', '0', '3', '1', 'AUD')
        ) as t("Order Number", "Line Item", "Order Date", "Delivery Date", CustomerKey, StoreKey, ProductKey, Quantity,
               "Currency Code")""",
}


def landed(vendor: str, tables: dict[str, str], folder: Path) -> duckdb.DuckDBPyConnection:
    """Write the vendor's tables as Parquet, land them in a fresh home, and open its raw rows."""
    extracts = folder / vendor
    extracts.mkdir()
    con = duckdb.connect()
    for name, query in tables.items():
        con.execute(f"copy ({query}) to '{extracts / name}.parquet' (format parquet)")
    land(load_settings(folder / "home"), extracts, adapter=vendor)
    # Settings are read again: landing sets a fresh home to what the adapter asks for.
    attach(con, load_settings(folder / "home"), "sample", None)
    con.execute("set timezone = 'UTC'")
    return con


@pytest.fixture(scope="module")
def wide_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with landed("wide_world_importers", WIDE_WORLD, tmp_path_factory.mktemp("wide_world")) as con:
        yield con


@pytest.fixture(scope="module")
def electronics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with landed("global_electronics", ELECTRONICS, tmp_path_factory.mktemp("electronics")) as con:
        yield con


def rows(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return con.execute(query).fetchall()


def test_a_fresh_home_is_set_to_the_vendors_currency_and_clock(
    wide_world: duckdb.DuckDBPyConnection, electronics: duckdb.DuckDBPyConnection
) -> None:
    context = "select as_of, reporting_currency, reporting_time_zone from raw.build_context"
    assert rows(wide_world, context) == [(datetime(2016, 6, 1, 7), "USD", "America/Los_Angeles")]
    assert rows(electronics, context) == [(datetime(2021, 2, 28), "USD", "UTC")]


def test_nothing_is_scheduled_after_the_one_delivery(wide_world: duckdb.DuckDBPyConnection) -> None:
    assert rows(wide_world, "select distinct is_scheduled from raw.landing_file") == [(False,)]


def test_an_item_has_its_most_specific_group(wide_world: duckdb.DuckDBPyConnection) -> None:
    found = rows(wide_world, "select sku, category_code, tax_category_code, supplier_id from raw.product order by sku")
    assert found == [
        ("1", "Mugs", "standard", "4"),
        ("2", "Packaging Materials", "reduced", "5"),
        ("3", "Novelty Items", "standard", "4"),
    ]


def test_orders_are_kept_picked_or_not_and_times_become_utc(wide_world: duckdb.DuckDBPyConnection) -> None:
    found = rows(wide_world, "select order_id, channel_id, order_type, order_ts from raw.sales_order order by order_id")
    # Midnight in Los Angeles is 08:00 UTC in winter and 07:00 in summer.
    assert found == [
        ("1", "Gift Store", "wholesale", datetime(2015, 1, 5, 8)),
        ("2", "Corporate", "wholesale", datetime(2015, 7, 6, 7)),
        ("3", "Gift Store", "wholesale", datetime(2015, 1, 5, 8)),
    ]


def test_lines_are_numbered_within_their_order(wide_world: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        wide_world,
        "select order_id, line_no, sku, quantity, gross_amount, tax_amount from raw.sales_order_line order by 1, 2",
    )
    # 10 × 13.00 = 130.00, 15 % of it 19.50; 5 × 0.66 = 3.30, 10 % of it 0.33; 20 × 0.66 = 13.20, tax 1.32.
    assert found == [
        ("1", 1, "1", 10, Decimal("130.00"), Decimal("19.50")),
        ("1", 2, "2", 5, Decimal("3.30"), Decimal("0.33")),
        ("2", 1, "1", 4, Decimal("52.00"), Decimal("7.80")),
        ("3", 1, "2", 20, Decimal("13.20"), Decimal("1.32")),
    ]


def test_picks_and_backorders_are_events(wide_world: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        wide_world,
        "select order_id, line_no, event_type, event_ts, quantity, reason_code from raw.order_event "
        "order by order_id, line_no nulls first",
    )
    assert found == [
        ("1", None, "backordered", datetime(2015, 1, 6, 20), None, "no_stock"),
        ("1", 1, "picked", datetime(2015, 1, 6, 19), 10, None),
        ("1", 2, "picked", datetime(2015, 1, 6, 19), 5, None),
        ("3", 1, "picked", datetime(2015, 1, 7, 19), 20, None),
    ]


def test_an_expected_date_ends_with_its_day_at_the_warehouse(wide_world: duckdb.DuckDBPyConnection) -> None:
    found = rows(wide_world, "select order_id, line_no, promise_latest_ts from raw.promise order by 1, 2")
    assert found == [
        ("1", 1, datetime(2015, 1, 7, 7, 59, 59)),
        ("1", 2, datetime(2015, 1, 7, 7, 59, 59)),
        ("2", 1, datetime(2015, 7, 8, 6, 59, 59)),
        ("3", 1, datetime(2015, 1, 7, 7, 59, 59)),
    ]


def test_purchases_count_base_units(wide_world: duckdb.DuckDBPyConnection) -> None:
    lines = rows(
        wide_world,
        "select line_no, ordered_qty, unit_cost_amount, quoted_lead_time_days, status_code "
        "from raw.purchase_order_line order by line_no",
    )
    # Line 71: 2 outers of 12 at 6.00 an outer; line 72: 3 outers of 1, not received.
    assert lines == [(71, 24, Decimal("0.5000"), 3, "closed"), (72, 3, Decimal("5.5000"), 14, "open")]
    receipts = rows(wide_world, "select po_id, po_line_no, received_qty, receipt_ts, is_final from raw.receipt_line")
    # Clocks went forward on 8 March 2015: the receipt's midnight is 07:00 UTC.
    assert receipts == [("31", 71, 24, datetime(2015, 3, 9, 7), True)]


def test_an_invoice_line_finds_its_channel_through_the_customers_transaction(
    wide_world: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        wide_world,
        "select line_no, channel_id, net_amount, cost_amount, issued_ts from raw.customer_document_line order by 1",
    )
    # 149.50 − 19.50 = 130.00, less 85.00 profit. Invoice 51 has no transaction: no channel, the line's own time; it
    # made a loss, so that its cost is above its price.
    assert found == [
        (90, "Gift Store", Decimal("130.00"), Decimal("45.00"), datetime(2015, 1, 6, 8)),
        (91, None, Decimal("3.30"), Decimal("4.50"), datetime(2015, 1, 8, 20)),
    ]


def test_an_unknown_kind_of_movement_is_refused_and_not_lost(wide_world: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        wide_world, "select movement_type, quantity, reference_id from raw.inventory_movement order by movement_id"
    )
    assert found == [("receipt", 24, "31"), ("ship", -10, None)]
    refused = rows(wide_world, "select entity, line, column_name, rule_code, value from raw.rejected_row")
    assert refused == [("inventory_movement", 3, "movement_type", "unknown_code", "9")]


def test_both_formats_of_date_and_dollar_texts_are_read(electronics: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        electronics,
        "select transaction_id, location_id, transaction_ts, total_amount from raw.pos_transaction",
    )
    # 1,599.90 + 3 × 12.99 = 1,638.87
    assert found == [("7000", "10", datetime(2016, 1, 2), Decimal("1638.87"))]
    lines = rows(electronics, "select line_no, quantity, gross_amount from raw.pos_transaction_line order by 1")
    assert lines == [(1, 1, Decimal("1599.90")), (2, 3, Decimal("38.97"))]
    rates = rows(electronics, "select to_currency_code, rate_date, rate from raw.exchange_rate order by 2")
    assert rates == [("CAD", date(2016, 1, 2), Decimal("1.3884")), ("CAD", date(2016, 1, 13), Decimal("1.4250"))]


def test_web_orders_and_their_deliveries(electronics: duckdb.DuckDBPyConnection) -> None:
    orders = rows(
        electronics, "select order_id, channel_id, order_ts, region_code, _line from raw.sales_order order by 1"
    )
    assert orders == [
        ("7001", "web", datetime(2016, 1, 13), "US", 3),
        ("7004", "web", datetime(2016, 1, 14), "AU", 6),
    ]
    lines = rows(electronics, "select order_id, line_no, gross_amount from raw.sales_order_line order by 1, 2")
    assert lines == [("7001", 1, Decimal("25.98")), ("7001", 2, Decimal("1599.90"))]
    events = rows(
        electronics, "select event_ts, quantity from raw.order_event where order_id = '7001' order by line_no"
    )
    # Ordered on 13 January, delivered on 1 February: 19 days.
    assert events == [(datetime(2016, 2, 1), 2), (datetime(2016, 2, 1), 1)]


def test_what_cannot_be_read_is_refused_with_its_text(electronics: duckdb.DuckDBPyConnection) -> None:
    refused = rows(
        electronics, "select entity, line, column_name, value from raw.rejected_row order by entity, line, column_name"
    )
    assert ("product", 3, "list_price_amount", "on request") in refused
    assert ("sales_order", 5, "order_ts", "13/13/2016") in refused
    assert ("sales_order_line", 5, "updated_ts", "13/13/2016") in refused
    assert [row[:3] for row in refused if row[:2] == ("sales_order_line", 6)]


def test_the_web_shop_is_a_channel_and_no_place(electronics: duckdb.DuckDBPyConnection) -> None:
    assert rows(electronics, "select channel_id, channel_type from raw.channel order by 1") == [
        ("store", "store"),
        ("web", "web"),
    ]
    places = rows(
        electronics, "select location_id, location_name, country_code, opened_date from raw.location order by 1"
    )
    assert places == [
        ("10", "Germany Freistaat Thüringen", "DE", date(2008, 3, 6)),
        ("11", "United States Idaho", "US", date(2012, 12, 15)),
    ]
    costs = rows(electronics, "select sku, standard_cost_amount from raw.item_cost order by 1")
    assert costs == [("1", Decimal("815.0000")), ("2", Decimal("6.6200")), ("3", Decimal("1.0000"))]
