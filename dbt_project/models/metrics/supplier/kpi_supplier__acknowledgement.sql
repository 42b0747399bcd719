-- K88. Grain: one row a purchase order whose 24 business hours of procurement have passed; K88.changed one row an
-- acknowledgement: the lines of one purchase order that were sent at one instant.
{% set dims = ['supplier', 'region'] %}
with orders as (
    select
        orders.po_id,
        orders.po_sent_ts,
        {{ mapped_dim('orders.supplier_id', 'suppliers.supplier_id') }} as supplier,
        coalesce(locations.region, 'UNKNOWN') as region,
        acknowledged.acknowledged_ts,
        case when orders.status_code = 'cancelled' and acknowledged.po_id is null then 'out:cancelled' end
            as exclusion_reason,
        {{ evidence('purchase_order', 'orders') }}
    from {{ ref('stg_erp__purchase_order') }} as orders
    left join (
        select
            po_id,
            min(ack_ts) as acknowledged_ts
        from {{ ref('stg_edi__po_acknowledgement') }}
        group by po_id
    ) as acknowledged on orders.po_id = acknowledged.po_id
    left join {{ ref('dim_supplier') }} as suppliers on orders.supplier_id = suppliers.supplier_id
    left join {{ ref('dim_location') }} as locations on orders.location_id = locations.location_id
),

sent as (
    select
        orders.*,
        day.work_seconds_before + least(
            cast(floor({{ seconds_between('day.opens_ts', 'orders.po_sent_ts') }}) as bigint),
            day.work_seconds_until - day.work_seconds_before
        ) + 24 * 3600 as due_seconds
    from orders
    left join {{ ref('int_control__business_day') }} as day
        on
            day.owner_role = 'procurement'
            and orders.po_sent_ts >= day.opens_ts
            and orders.po_sent_ts < day.next_opens_ts
),

due as (
    select
        sent.*,
        {{ add_seconds('day.opens_ts', 'sent.due_seconds - day.work_seconds_before') }} as due_ts
    from sent
    left join {{ ref('int_control__business_day') }} as day
        on
            day.owner_role = 'procurement'
            and sent.due_seconds > day.work_seconds_before
            and sent.due_seconds <= day.work_seconds_until
),

answers as (
    select
        told.po_id || '|' || cast(told.ack_ts as string) as answer_key,
        {{ reporting_date('told.ack_ts') }} as ack_date,
        bool_or(
            told.ack_type <> 'accepted'
            or coalesce(told.committed_date <> lines.requested_date, false)
            or coalesce(told.committed_qty <> lines.ordered_qty, false)
            or coalesce(told.unit_cost_amount <> lines.unit_cost_amount, false)
        ) as is_changed,
        min(orders.supplier) as supplier,
        min(orders.region) as region,
        'po_acknowledgement' as source_entity,
        {{ min_by_keys('told._file_digest', ['told.line_no', 'told.ack_version']) }} as _file_digest,
        {{ min_by_keys('told._line', ['told.line_no', 'told.ack_version']) }} as _line
    from {{ ref('stg_edi__po_acknowledgement') }} as told
    inner join orders on told.po_id = orders.po_id
    left join {{ ref('stg_erp__purchase_order_line') }} as lines
        on told.po_id = lines.po_id and told.line_no = lines.line_no
    group by told.po_id, told.ack_ts
)

{{ kpi_union([
    kpi_measure(
        'K88', 'due', 'po_id', reporting_date('due_ts'),
        'case when acknowledged_ts <= due_ts then 1 else 0 end', dims=dims, where='due_ts <= ' ~ as_of()
    ),
    kpi_measure(
        'K88.changed', 'answers', 'answer_key', 'ack_date', 'case when is_changed then 1 else 0 end',
        exclusion='cast(null as string)', dims=dims
    ),
]) }}
