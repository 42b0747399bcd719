-- K109. Grain: one row a measure and marketplace order; K109.tracking and K109.on_time one row a parcel of one.
{% set orders = ref('int_kpi__marketplace_order') %}
{% set dims = ['channel', 'region'] %}
{% set due = 'ship_due_ts <= ' ~ as_of() %}
with parcels as (
    select
        shipped.shipment_id || '|' || shipped.parcel_id as parcel_key,
        {{ reporting_date('min(shipped.shipped_ts)') }} as shipped_date,
        {{ reporting_date('max(lines.first_promise_latest_ts)') }} as due_date,
        max(lines.first_promise_latest_ts) <= {{ as_of() }} as is_due,
        count(shipped.last_event_ts) > 0 as is_tracked,
        max(shipped.delivered_ts) <= max(lines.first_promise_latest_ts) as is_on_time,
        min(orders.channel) as channel,
        min(orders.region) as region,
        min(shipped.source_entity) as source_entity,
        {{ min_by_keys('shipped._file_digest', ['shipped.order_line_key']) }} as _file_digest,
        {{ min_by_keys('shipped._line', ['shipped.order_line_key']) }} as _line
    from {{ ref('fct_shipment_line') }} as shipped
    inner join {{ orders }} as orders on shipped.order_id = orders.order_id
    inner join {{ ref('fct_order_line') }} as lines on shipped.order_line_key = lines.order_line_key
    where not shipped.is_cancelled and orders.exclusion_reason is null
    group by shipped.shipment_id, shipped.parcel_id
)

{{ kpi_union([
    kpi_measure('K109', orders, 'order_id', 'order_date', 'case when is_defect then 1 else 0 end', dims=dims),
    kpi_measure(
        'K109.cancel', orders, 'order_id', 'order_date', 'case when is_cancelled_by_us then 1 else 0 end', dims=dims
    ),
    kpi_measure(
        'K109.late_ship', orders, 'order_id', reporting_date('ship_due_ts'), 'case when is_shipped_late then 1 else 0 end',
        exclusion="coalesce(exclusion_reason, case when is_cancelled then 'out:cancelled' "
        ~ "when expected_ship_ts is null then 'no_data:no_expected_ship_date' end)", dims=dims, where=due
    ),
    kpi_measure(
        'K109.tracking', 'parcels', 'parcel_key', 'shipped_date', 'case when is_tracked then 1 else 0 end',
        exclusion='cast(null as string)', dims=dims
    ),
    kpi_measure(
        'K109.on_time', 'parcels', 'parcel_key', 'due_date', 'case when is_on_time then 1 else 0 end',
        exclusion='cast(null as string)', dims=dims, where='is_due and is_tracked'
    ),
]) }}
