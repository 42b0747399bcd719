-- K24. Grain: one row the first pick that a store was asked for of an order line, once it has answered; nothing found
-- and then cancelled is an answer.
with asked as (
    select
        parts.*,
        row_number() over (
            partition by parts.order_line_key order by parts.assigned_ts, parts.fulfilment_line_id
        ) as place_no
    from {{ ref('fct_fulfilment_line') }} as parts
),

picks as (
    select
        asked.*,
        {{ reporting_date('asked.answered_ts') }} as answered_date,
        case
            when lines.order_line_key is not null and not lines.is_unit_scope
                then 'out:' || coalesce(lines.scope_exclusion_code, 'kit')
        end as exclusion_reason
    from asked
    inner join {{ ref('dim_location') }} as locations on asked.location_id = locations.location_id
    left join {{ ref('fct_order_line') }} as lines on asked.order_line_key = lines.order_line_key
    where
        asked.place_no = 1
        and locations.location_type = 'store'
        and asked.answered_ts is not null
        and asked.status_code <> 'assigned'
        and (asked.status_code <> 'cancelled' or asked.answered_ts < asked.ended_ts)
)

{{ kpi_measure(
    'K24', 'picks', 'fulfilment_line_id', 'answered_date',
    "case when status_code <> 'rejected' and picked_qty = requested_qty then 1 else 0 end",
    dims=['location', 'region', 'category', 'order_type']
) }}
