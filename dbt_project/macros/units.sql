{#
Which rows belong to which unit of the business. A unit is an order with all that hangs on it (shipments, returns, refunds,
settlement lines), a sale at a till, or the messages about one object: what one new row can change lies inside its unit. An
incremental build computes the touched units alone, by the same models, and puts their rows in place of the old ones.

A model named here has rows of units only, and computes a unit's rows from rows of that unit and from reference data. A model
that is not named is computed whole. `tests/integration/test_increments.py` rebuilds random units and compares.
#}

{# Expression: the number before the bar of a line's key. #}
{% macro unit_of_line(line_key) -%}
    split_part({{ line_key }}, '|', 1)
{%- endmacro %}

{#
Model -> its unit: `in` maps a kind of identifier to the expression that holds it on a row; a row belongs to the unit that any
of them names. `key` names the columns by which rows are replaced, each of which is never null; all rows of one key belong to one
unit. `loose` is the condition of rows that name no unit at all: there are few, and they are computed each time.
#}
{% macro units() -%}
    {%- set order = {'in': {'order': 'order_id'}, 'key': ['order_id']} -%}
    {%- set line = {'in': {'order': unit_of_line('order_line_key')}, 'key': ['order_line_key']} -%}
    {%- set order_and_line = {'in': {'order': 'order_id'}, 'key': ['order_line_key']} -%}
    {%- set return_line = {'in': {'return': unit_of_line('return_key')}, 'key': ['return_key']} -%}
    {%- set sold = "case when source_entity = 'sales_order_line' then " -%}
    {%- set control = {'in': {'order': 'order_id'}, 'key': ['business_key']} -%}
    {{- return({
        'stg_oms__order_event': order,
        'int_sales__line_discount': {'in': {'sale': 'transaction_id'}, 'key': ['transaction_id']},
        'int_finance__goods_issue': line,
        'int_finance__expected_part': order,
        'int_finance__expected_event': order,
        'int_finance__marketplace_order': order,
        'int_finance__settled_group': order,
        'int_order__ats_in_force': line,
        'int_order__cancellation': line,
        'int_order__current_promise': line,
        'int_order__event_milestone': line,
        'int_order__event_out': {'in': {'order': unit_of_line('own_key')}, 'key': ['own_key']},
        'int_order__first_promise': line,
        'int_order__line_allocation': line,
        'int_order__line_document': line,
        'int_order__line_money': order_and_line,
        'int_order__line_obligation': line,
        'int_order__line_out': line,
        'int_order__line_progress': order_and_line,
        'int_order__line_scope': order_and_line,
        'int_order__metadata': order,
        'int_order__order_line_total': order,
        'int_order__order_money': order,
        'int_order__order_progress': order,
        'int_order__parcel_line': order_and_line,
        'int_order__parcel_scan': {'in': {'shipment': 'shipment_id'}, 'key': ['shipment_id']},
        'int_order__shipping_share': order_and_line,
        'int_order__tax_check': order_and_line,
        'int_order__unit_out': line,
        'int_order__value_weight': order_and_line,
        'int_returns__policy': return_line,
        'int_returns__refund': {'in': {'refund': 'refund_id'}, 'key': ['refund_id']},
        'int_returns__refund_total': return_line,
        'int_returns__sale': return_line,
        'int_returns__stage': return_line,
        'int_control__metadata_gap': order,
        'int_control__pickup_told': line,
        'int_kpi__order_stage': order,
        'int_kpi__perfect_line': order_and_line,
        'int_kpi__perfect_order': order,
        'int_kpi__promise_outcome': order_and_line,
        'int_kpi__return_scope': return_line,
        'int_kpi__sold_day': {
            'in': {
                'order': sold ~ unit_of_line('sale_day_key') ~ ' end',
                'sale': "case when source_entity <> 'sales_order_line' then " ~ unit_of_line('sale_day_key') ~ ' end',
            },
            'key': ['sale_day_key', 'source_entity'],
        },
        'int_kpi__sold_unit': {
            'in': {
                'order': sold ~ unit_of_line('sale_key') ~ ' end',
                'sale': "case when source_entity <> 'sales_order_line' then " ~ unit_of_line('sale_key') ~ ' end',
            },
            'key': ['sale_key', 'source_entity'],
        },
        'int_kpi__unit_source': line,
        'int_integration__message_version': {'in': {'message_row': 'message_id'}, 'key': ['message_id']},
        'fct_allocation_attempt': order,
        'fct_cancellation': order,
        'fct_contribution': {
            'in': {
                'order': 'order_id',
                'sale': "case when item_kind_code = 'store_sale' then " ~ unit_of_line('item_key') ~ ' end',
            },
            'loose': "item_kind_code not in ('order_line', 'store_sale')",
            'key': ['contribution_id'],
        },
        'fct_customer_case': {'in': {'case': 'case_id'}, 'key': ['case_id']},
        'fct_fulfilment_line': order,
        'fct_message': {'in': {'message': "interface_id || '|' || business_key"}, 'key': ['message_id']},
        'fct_order': order,
        'fct_order_document_line': {'in': {'document': 'document_id'}, 'key': ['document_id']},
        'fct_order_event': order,
        'fct_order_line': order,
        'fct_payment': order,
        'fct_pickup_line': order,
        'fct_promise': order,
        'fct_refund': {'in': {'refund': 'refund_id'}, 'key': ['refund_id']},
        'fct_reservation': {'in': {'reservation': 'reservation_id'}, 'key': ['reservation_id']},
        'fct_return_line': {'in': {'return': 'return_id'}, 'key': ['return_id']},
        'fct_settlement_expectation': order,
        'fct_settlement_line': {
            'in': {'external': 'external_order_key'}, 'loose': 'external_order_key is null', 'key': ['settlement_id', 'line_no']
        },
        'fct_shipment': order,
        'fct_shipment_line': order,
        'fct_store_sale_line': {'in': {'sale': 'transaction_id'}, 'key': ['transaction_id']},
        'fct_tax_line': order,
        'ctl_finance__settlement_short': control,
        'ctl_finance__settlement_unmatched': {
            'in': {'order': 'order_id'}, 'loose': 'order_id is null', 'key': ['evidence_entity', 'business_key']
        },
        'ctl_inventory__oversell': control,
        'ctl_order__duplicate': control,
        'ctl_order__metadata_incomplete': control,
        'ctl_order__no_stock': control,
        'ctl_order__promise_missed': control,
        'ctl_order__unallocated': control,
        'ctl_pickup__not_ready': control,
        'ctl_return__refund_before_inspection': {'in': {'return': unit_of_line('business_key')}, 'key': ['business_key']},
        'fct_exception': {'in': {'order': 'order_id'}, 'loose': 'order_id is null', 'key': ['exception_id'], 'tolerates': 'ctl_'},
        'mart_order_timeline': order,
    }) -}}
{%- endmacro %}
