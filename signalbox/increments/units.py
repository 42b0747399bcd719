"""Identifiers by which raw rows belong to a unit: an order with what hangs on it, a till sale, an object's messages.

Belongs here: which column of which entity is an identifier of which kind. Not here: rows, or the units of models
(``dbt_project/macros/units.sql``).
"""

from __future__ import annotations

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
    "pos_transaction": {"sale": "transaction_id"},
    "pos_transaction_line": {"sale": "transaction_id"},
    "pos_tender": {"sale": "transaction_id"},
    "integration_message": {"message": "interface_id || '|' || business_key"},
}

# Every kind of identifier.
KINDS = tuple(sorted({kind for kinds in ENTITIES.values() for kind in kinds}))

# Entities whose rows tie one identifier to another: what hangs on an order is found through them.
LINKS = tuple(name for name, kinds in ENTITIES.items() if len(kinds) > 1 and name != "discount_allocation")

# Entities of which a row may name no unit: such rows are few and are always taken.
LOOSE = {"settlement_line": "external_order_key is null"}
