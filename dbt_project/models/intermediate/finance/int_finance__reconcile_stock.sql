-- The stream stock_to_ledger: units sold and taken back at cost by document and day, and the cost of goods of the
-- ledger. Stock does not know channels, so sums are compared by day.
{{ config(materialized='view') }}

with moved as (
    select
        coalesce(movements.reference_id, movements.movement_id) as document_id,
        {{ reporting_date('movements.event_ts') }} as moved_date,
        case
            when count(movements.unit_cost_amount) = count(*)
                then {{ money('sum(movements.quantity * movements.unit_cost_amount)') }}
        end as amount,
        max(movements.event_ts) as moved_ts,
        max(movements.first_received_ts) as known_ts,
        max(
            case
                when movements.reference_type = 'pos' then channels.channel_id else coalesce(orders.channel, 'NONE')
            end
        ) as channel,
        max(case when movements.reference_type = 'pos' then locations.legal_entity_id end) as legal_entity_id,
        max(orders.order_id) as order_id,
        max(
            case when movements.reference_type = 'pos' then 'store_sale' else coalesce(orders.order_type, 'NONE') end
        ) as order_type,
        min(movements._file_digest) as _file_digest,
        {{ min_by_keys('movements._line', ['movements._file_digest', 'movements._line']) }} as _line
    from {{ ref('fct_stock_movement') }} as movements
    cross join {{ ref('int_sales__store_channel') }} as channels
    left join {{ ref('fct_order') }} as orders
        on movements.reference_id = orders.order_id
    left join {{ ref('dim_location') }} as locations
        on movements.location_id = locations.location_id
    where movements.movement_type in ('sale', 'ship', 'collect', 'return')
    group by coalesce(movements.reference_id, movements.movement_id), {{ reporting_date('movements.event_ts') }}
),

posted as (
    select *
    from {{ ref('fct_gl_posting') }}
    where step_code = 'cogs'
)

{{ reconciliation_side(
    'stock_to_ledger', 'reference', 'moved',
    item_id="document_id || '|' || cast(moved_date as string)",
    document_key='document_id', group_key='cast(moved_date as string)',
    amount='amount', transaction_ts='moved_ts', known_ts='known_ts',
    columns={
        'channel': 'channel', 'legal_entity_id': 'legal_entity_id', 'order_id': 'order_id', 'order_type': 'order_type',
        'source_entity': "'inventory_movement'",
    },
) }}
union all
{{ reconciliation_side(
    'stock_to_ledger', 'other', 'posted',
    item_id='posting_id',
    document_key='coalesce(source_id, posting_id)', group_key='cast(posted_date as string)',
    amount='amount', transaction_ts='posted_ts', known_ts='first_received_ts',
    columns={'channel': 'channel', 'legal_entity_id': 'legal_entity_id', 'source_entity': 'source_entity'},
) }}
