-- One row a movement that counts in the shrink rate (K43): losses and gains at cost, and goods sold at cost.
-- Unexplained: differences of counts, and adjustments for shrink, correction, recount or other; known: damage and
-- expiry. A move to another state takes nothing away.
{{ config(materialized='view') }}

with movements as (
    select
        *,
        {{ reporting_date('event_ts') }} as event_date,
        case
            when movement_type in ('sale', 'ship', 'collect') then 'sold'
            when movement_type = 'count' then 'unexplained'
            when movement_type = 'adjustment' and reason_code in ('damage', 'expiry') then 'known'
            when movement_type = 'adjustment' then 'unexplained'
        end as kind
    from {{ ref('fct_stock_movement') }}
)

select
    movement_id,
    event_date,
    case when unit_cost_amount is null then 'no_data:no_cost' end as exclusion_reason,
    case when kind = 'unexplained' then -quantity * unit_cost_amount else 0 end as net_loss_amount,
    case when kind = 'unexplained' and quantity < 0 then -quantity * unit_cost_amount else 0 end as gross_loss_amount,
    case when kind = 'known' and state_code = 'sellable' and quantity < 0 then -quantity * unit_cost_amount else 0 end
        as known_loss_amount,
    case when kind = 'sold' then -quantity * unit_cost_amount else 0 end as sold_amount,
    location,
    region,
    category,
    source_entity,
    _file_digest,
    _line
from movements
where kind is not null
