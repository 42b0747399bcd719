-- K10. Grain: one row a part of an order line that a node was asked for (denominator, on NONE) and one a part of which
-- units were rejected or not found (numerator). A part that was short at first stays so when the rest of it has left,
-- or when it was cancelled because nothing was found.
{% set dims = ['channel', 'location', 'region', 'category', 'order_type', 'reason'] %}
with parts as (
    select
        parts.*,
        {{ reporting_date('parts.assigned_ts') }} as assigned_date,
        case
            when lines.order_line_key is not null and not lines.is_unit_scope
                then 'out:' || coalesce(lines.scope_exclusion_code, 'kit')
            when parts.status_code = 'assigned' then 'out:not_answered'
            when parts.status_code = 'cancelled' and not coalesce(parts.answered_ts < parts.ended_ts, false)
                then 'out:not_answered'
        end as exclusion_reason,
        case
            when parts.status_code = 'rejected' then parts.requested_qty
            else greatest(parts.requested_qty - parts.picked_qty, 0)
        end as refused_qty,
        case when parts.status_code = 'rejected' then 'rejected' else 'not_found' end as refusal
    from {{ ref('fct_fulfilment_line') }} as parts
    left join {{ ref('fct_order_line') }} as lines on parts.order_line_key = lines.order_line_key
)

{{ kpi_union([
    kpi_measure('K10', 'parts', 'fulfilment_line_id', 'assigned_date', '0', 'requested_qty', dims=dims, reason="'NONE'"),
    kpi_measure(
        'K10', 'parts', 'fulfilment_line_id', 'assigned_date', 'refused_qty', '0', dims=dims, reason='refusal',
        where='refused_qty > 0 and exclusion_reason is null'
    ),
]) }}
