{#
Generated from seeds/exception_catalog.csv by
`python -m signalbox.exceptions.models --write`; a test tells when it is stale.
#}
{% macro exception_models() -%}
    {{- return([
        'ctl_finance__settlement_late',
        'ctl_finance__settlement_short',
        'ctl_finance__settlement_unmatched',
        'ctl_integration__duplicate',
        'ctl_integration__failed',
        'ctl_integration__feed_missing',
        'ctl_integration__latency',
        'ctl_integration__schema_break',
        'ctl_inventory__adjustment_unapproved',
        'ctl_inventory__competing_demand',
        'ctl_inventory__count_variance',
        'ctl_inventory__duplicate_reservation',
        'ctl_inventory__excess',
        'ctl_inventory__expired_reservation',
        'ctl_inventory__item_location_invalid',
        'ctl_inventory__markdown_risk',
        'ctl_inventory__mismatch',
        'ctl_inventory__negative',
        'ctl_inventory__oversell',
        'ctl_inventory__phantom_transit',
        'ctl_inventory__quality_hold_aged',
        'ctl_inventory__replenishment_late',
        'ctl_inventory__stockout',
        'ctl_inventory__stockout_risk',
        'ctl_inventory__sync_late',
        'ctl_master_data__conflict',
        'ctl_master_data__drift',
        'ctl_master_data__duplicate_vendor',
        'ctl_master_data__missing_attribute',
        'ctl_master_data__unknown_code',
        'ctl_master_data__unmapped_listing',
        'ctl_order__backorder_overdue',
        'ctl_order__duplicate',
        'ctl_order__metadata_incomplete',
        'ctl_order__no_stock',
        'ctl_order__partial_allocation',
        'ctl_order__promise_missed',
        'ctl_order__unallocated',
        'ctl_pickup__not_ready',
        'ctl_return__refund_before_inspection',
        'ctl_supplier__late_purchase_order'
    ]) -}}
{%- endmacro %}
