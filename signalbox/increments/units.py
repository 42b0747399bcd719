"""Identifiers by which raw rows belong to a unit: an order with what hangs on it, a till sale, an object's messages.

A unit is what one new row can change: an order with its shipments, returns, refunds and settlement lines; a sale at a
till; a version of an object in a message; a movement of stock; what all systems say of a location's stock at a cut.
Belongs here: which column of which entity and of which model is an identifier of which kind. Not here: rows.
``tests/integration/test_increments.py`` rebuilds random units and compares.
"""

from __future__ import annotations

from dataclasses import dataclass

_CUT = "location_id || '|' || cast(snapshot_ts as string)"

# Entity -> kind of identifier -> SQL expression over its raw row. The first kind is the one by which the entity's rows
# of touched units are found: never null, unless the next is meant for where it is.
ENTITIES: dict[str, dict[str, str]] = {
    "sales_order": {"order": "order_id", "external": "external_order_key"},
    "sales_order_line": {"order": "order_id"},
    "order_event": {"order": "order_id"},
    "promise": {"order": "order_id"},
    "payment": {"order": "order_id"},
    "allocation_attempt": {"order": "order_id"},
    "fulfilment_line": {"order": "order_id", "fulfilment": "fulfilment_line_id"},
    "wms_task": {"fulfilment": "fulfilment_line_id"},
    "pickup_task": {"order": "order_id"},
    "shipment": {"shipment": "shipment_id", "order": "order_id"},
    "shipment_line": {"shipment": "shipment_id", "order": "order_id"},
    "shipment_cost": {"shipment": "shipment_id"},
    "shipment_event": {"shipment": "shipment_id"},
    "reservation": {"reservation": "reservation_id", "order": "order_id"},
    "tax_line": {"order": "order_id"},
    "customer_case": {"case": "case_id", "order": "order_id"},
    "discount_allocation": {"order": "order_id", "sale": "transaction_id"},
    "return_line": {"return": "return_id", "order": "order_id", "sale": "transaction_id"},
    "return_event": {"return": "return_id"},
    "refund": {"refund": "refund_id", "return": "return_id", "order": "order_id", "sale": "transaction_id"},
    "customer_document_line": {"document": "document_id", "return": "return_id", "order": "order_id"},
    "settlement_line": {"external": "external_order_key"},
    "marketplace_claim": {"external": "external_order_key"},
    "pos_transaction": {"sale": "transaction_id"},
    "pos_transaction_line": {"sale": "transaction_id"},
    "pos_tender": {"sale": "transaction_id"},
    "integration_message": {"message": "interface_id || '|' || business_key || '|' || business_version"},
    "inventory_movement": {"movement": "movement_id"},
    "inventory_snapshot": {"cut": _CUT},
}

# Every kind of identifier.
KINDS = tuple(sorted({kind for kinds in ENTITIES.values() for kind in kinds}))

# Entities whose rows tie one identifier to another: what hangs on an order is found through them.
LINKS = tuple(name for name, kinds in ENTITIES.items() if len(kinds) > 1 and name != "discount_allocation")

# Entities of which a row may name no unit: such rows are few and are always taken.
LOOSE = {"settlement_line": "external_order_key is null"}


@dataclass(frozen=True)
class Unit:
    """How rows of a model belong to units, and by which columns they are replaced.

    ``kinds``: kind of identifier -> SQL expression over a row; the row is of the unit that any of them names. ``key``:
    columns that are never null; all rows of one key belong to one unit. ``loose``: condition of rows that name no unit;
    there are few, and they are computed each time. ``tolerates``: prefix of models whose whole change matters to no
    other rows than these and those of touched units. ``apart``: condition of rows that are made of these models alone.
    """

    kinds: dict[str, str]
    key: tuple[str, ...]
    loose: str = ""
    tolerates: str = ""
    apart: str = ""


def _of_line(line_key: str) -> str:
    """The number before the bar of a line's key."""
    return f"split_part({line_key}, '|', 1)"


def _sold(key: str) -> Unit:
    """A sale line, of an order or of a till."""
    is_order = "source_entity = 'sales_order_line'"
    number = _of_line(key)
    kinds = {
        "order": f"case when {is_order} then {number} end",
        "sale": f"case when not ({is_order}) then {number} end",
    }
    return Unit(kinds, (key, "source_entity"))


# A posting whose sale is not known stands in its channel, under the number of what posted it.
_OF_A_CHANNEL = "item_kind_code = 'channel' and source_entity = '{}'"
_ORDER = Unit({"order": "order_id"}, ("order_id",))
_LINE = Unit({"order": _of_line("order_line_key")}, ("order_line_key",))
_ORDER_LINE = Unit({"order": "order_id"}, ("order_line_key",))
_RETURN_LINE = Unit({"return": _of_line("return_key")}, ("return_key",))
_SALE = Unit({"sale": "transaction_id"}, ("transaction_id",))
_REFUND = Unit({"refund": "refund_id"}, ("refund_id",))
_STOCK_CUT = Unit({"cut": _CUT}, ("snapshot_ts", "location_id", "system_b"))
_MESSAGE = Unit({"message_row": "message_id"}, ("message_id",))
_OF_SUPPLY = "process not in ('order-to-cash', 'return-to-refund')"
_PROCESS_CASE = Unit(
    {
        "order": "case when process = 'order-to-cash' then order_id end",
        "return": f"case when process = 'return-to-refund' then {_of_line('case_id')} end",
    },
    ("process", "case_id"),
    loose=_OF_SUPPLY,
    tolerates="int_process__supply",
    apart=_OF_SUPPLY,
)
_CONTROL = Unit({"order": "order_id"}, ("business_key",))
# Codes of the controls of units below; the exceptions of all others are computed each time.
CODES = ("E04", "E05", "E07a", "E07b", "E08a", "E10", "E12", "E24", "E27", "E49", "E55a", "E55b")
_OF_UNITS = "code in ('" + "', '".join(CODES) + "')"
_EXCEPTION = Unit(
    {
        "order": f"case when {_OF_UNITS} then order_id end",
        "return": f"case when code = 'E49' then {_of_line('business_key')} end",
    },
    ("exception_id",),
    loose=f"not ({_OF_UNITS}) or (order_id is null and code <> 'E49')",
    tolerates="ctl_",
    apart=f"not ({_OF_UNITS})",
)

# Models whose rows belong to units, and which compute a unit's rows from rows of that unit and from reference data. A
# model that is not named here is computed whole.
MODELS: dict[str, Unit] = {
    **dict.fromkeys(
        (
            "stg_oms__order_event",
            "int_finance__expected_event",
            "int_finance__expected_part",
            "int_finance__marketplace_order",
            "int_finance__settled_group",
            "int_order__metadata",
            "int_order__order_line_total",
            "int_order__order_money",
            "int_order__order_progress",
            "int_control__metadata_gap",
            "int_kpi__marketplace_order",
            "int_kpi__order_stage",
            "int_kpi__perfect_order",
            "fct_allocation_attempt",
            "fct_cancellation",
            "fct_fulfilment_line",
            "fct_order",
            "fct_order_event",
            "fct_order_line",
            "fct_payment",
            "fct_pickup_line",
            "fct_promise",
            "fct_settlement_expectation",
            "fct_shipment",
            "fct_shipment_line",
            "fct_tax_line",
            "mart_order_timeline",
        ),
        _ORDER,
    ),
    **dict.fromkeys(
        (
            "int_finance__goods_issue",
            "int_order__ats_in_force",
            "int_order__cancellation",
            "int_order__current_promise",
            "int_order__event_milestone",
            "int_order__first_promise",
            "int_order__line_allocation",
            "int_order__line_document",
            "int_order__line_obligation",
            "int_order__line_out",
            "int_order__unit_out",
            "int_control__pickup_told",
            "int_kpi__unit_source",
        ),
        _LINE,
    ),
    **dict.fromkeys(
        (
            "int_order__line_money",
            "int_order__line_progress",
            "int_order__line_scope",
            "int_order__parcel_line",
            "int_order__shipping_share",
            "int_order__tax_check",
            "int_order__value_weight",
            "int_kpi__perfect_line",
            "int_kpi__promise_outcome",
        ),
        _ORDER_LINE,
    ),
    **dict.fromkeys(
        (
            "int_returns__policy",
            "int_returns__refund_total",
            "int_returns__sale",
            "int_returns__stage",
            "int_kpi__return_scope",
        ),
        _RETURN_LINE,
    ),
    **dict.fromkeys(
        (
            "ctl_finance__settlement_short",
            "ctl_inventory__oversell",
            "ctl_order__backorder_overdue",
            "ctl_order__duplicate",
            "ctl_order__metadata_incomplete",
            "ctl_order__no_stock",
            "ctl_order__partial_allocation",
            "ctl_order__promise_missed",
            "ctl_order__unallocated",
            "ctl_pickup__not_ready",
        ),
        _CONTROL,
    ),
    "int_kpi__fulfilment_cost": Unit({"order": "order_id"}, ("part_key",)),
    "int_kpi__fulfilment_step": Unit({"order": "order_id"}, ("fulfilment_line_id",)),
    "int_order__event_out": Unit({"order": _of_line("own_key")}, ("own_key",)),
    "int_order__parcel_scan": Unit({"shipment": "shipment_id"}, ("shipment_id",)),
    "int_sales__line_discount": _SALE,
    "int_returns__refund": _REFUND,
    "int_kpi__sold_day": _sold("sale_day_key"),
    "int_kpi__sold_unit": _sold("sale_key"),
    "int_integration__message_version": _MESSAGE,
    "fct_contribution": Unit(
        {
            "order": "order_id",
            "sale": f"case when item_kind_code = 'store_sale' then {_of_line('item_key')} end",
            "document": f"case when item_kind_code = 'document' then {_of_line('item_key')} end",
            "refund": f"case when {_OF_A_CHANNEL.format('refund')} then item_key end",
            "return": f"case when {_OF_A_CHANNEL.format('return_event')} then {_of_line('item_key')} end",
        },
        ("contribution_id",),
        loose=f"{_OF_A_CHANNEL.format('settlement_line')} and order_id is null",
    ),
    "fct_customer_case": Unit({"case": "case_id"}, ("case_id",)),
    "fct_message": _MESSAGE,
    "fct_order_document_line": Unit({"document": "document_id"}, ("document_id",)),
    "fct_process_case": _PROCESS_CASE,
    "fct_process_step": _PROCESS_CASE,
    "fct_refund": _REFUND,
    "fct_reservation": Unit({"reservation": "reservation_id"}, ("reservation_id",)),
    "fct_return_line": Unit({"return": "return_id"}, ("return_id",)),
    "fct_settlement_line": Unit(
        {"external": "external_order_key"}, ("settlement_id", "line_no"), loose="external_order_key is null"
    ),
    "fct_stock_movement": Unit({"movement": "movement_id"}, ("movement_id",)),
    "fct_stock_snapshot": Unit(_STOCK_CUT.kinds, ("system_code", "location_id", "sku", "snapshot_ts")),
    "int_stock__system_cut": _STOCK_CUT,
    "int_stock__compared_row": Unit(_STOCK_CUT.kinds, (*_STOCK_CUT.key, "sku")),
    "fct_stock_pair": Unit(_STOCK_CUT.kinds, (*_STOCK_CUT.key, "sku"), tolerates="int_stock__in_flight"),
    "fct_store_sale_line": _SALE,
    "ctl_finance__settlement_unmatched": Unit(
        {"order": "order_id"}, ("evidence_entity", "business_key"), loose="order_id is null"
    ),
    "ctl_return__refund_before_inspection": Unit({"return": _of_line("business_key")}, ("business_key",)),
    "int_control__exception": _EXCEPTION,
    "fct_exception": _EXCEPTION,
}
