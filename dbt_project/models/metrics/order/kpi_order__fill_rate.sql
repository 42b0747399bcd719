-- K04 (units) and K04.line. Grain: one row a measure and order line that is due; K04.order one row an order of which
-- all lines are due.
{% set lines = ref('int_kpi__first_fill') %}
{% set dims = ['channel', 'location', 'region', 'category', 'order_type'] %}
with orders as (
    select
        lines.order_id,
        coalesce(
            min(lines.exclusion_reason) filter (where lines.exclusion_reason like 'no_data:%'),
            case when count(*) filter (where lines.exclusion_reason is null) = 0 then min(lines.exclusion_reason) end
        ) as exclusion_reason,
        max(lines.due_ts) as due_ts,
        bool_and(lines.is_filled) filter (where lines.exclusion_reason is null) as is_filled,
        min(orders.channel) as channel,
        min(orders.region) as region,
        min(orders.order_type) as order_type,
        min(orders.source_entity) as source_entity,
        min(orders._file_digest) as _file_digest,
        min(orders._line) as _line
    from {{ lines }} as lines
    inner join {{ ref('fct_order') }} as orders on lines.order_id = orders.order_id
    group by lines.order_id
)

{{ kpi_union([
    kpi_measure(
        'K04', lines, 'order_line_key', reporting_date('due_ts'), 'filled_qty', 'obliged_qty', dims=dims,
        where='due_ts <= ' ~ as_of()
    ),
    kpi_measure(
        'K04.line', lines, 'order_line_key', reporting_date('due_ts'), 'case when is_filled then 1 else 0 end', dims=dims,
        where='due_ts <= ' ~ as_of()
    ),
    kpi_measure(
        'K04.order', 'orders', 'order_id', reporting_date('due_ts'), 'case when is_filled then 1 else 0 end',
        dims=['channel', 'region', 'order_type'], where='due_ts <= ' ~ as_of()
    ),
]) }}
