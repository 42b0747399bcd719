-- One row an order line with when it was first backordered (K16). It is open while units that nobody cancelled have no
-- place that gives them, or until it is allocated after its last backorder.
{{ config(materialized='view') }}

with events as (
    select
        order_line_key,
        min(event_ts) as backordered_ts,
        max(event_ts) as last_backordered_ts
    from {{ ref('fct_order_event') }}
    where event_type = 'backordered'
    group by order_line_key
)

select
    lines.order_line_key,
    coalesce({{ kpi_unit_exclusion() }}, case when lines.order_type = 'preorder' then 'out:preorder' end)
        as exclusion_reason,
    {{ reporting_date('lines.order_ts') }} as order_date,
    lines.ordered_qty,
    least(lines.backordered_qty, lines.ordered_qty) as backordered_qty,
    events.backordered_ts,
    lines.open_qty > 0
    and events.backordered_ts is not null
    and (
        lines.allocated_qty < lines.ordered_qty - lines.cancelled_qty
        or (
            coalesce(lines.allocated_ts < events.last_backordered_ts, false)
            and lines.cancelled_qty < lines.backordered_qty
        )
    ) as is_open,
    lines.channel,
    lines.region,
    lines.category,
    lines.supplier,
    lines.source_entity,
    lines._file_digest,
    lines._line
from {{ ref('fct_order_line') }} as lines
left join events on lines.order_line_key = events.order_line_key
