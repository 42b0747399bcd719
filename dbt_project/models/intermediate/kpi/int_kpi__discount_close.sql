-- One row a promotion that has ended, channel and region of the legal entity: whether all its discounts are
-- reconciled, since when, and what is open (K58). What was cleared before the end took no time after it.
{{ config(materialized='view') }}

with items as (
    select
        promotion,
        channel,
        region,
        bool_and(is_cleared) as is_reconciled,
        max(cleared_ts) as last_cleared_ts,
        sum(coalesce(open_amount, 0)) as open_amount,
        bool_or(amount is null) as has_unvalued,
        {{ min_by_keys('_file_digest', ['item_key']) }} as _file_digest,
        {{ min_by_keys('_line', ['item_key']) }} as _line,
        {{ min_by_keys('source_entity', ['item_key']) }} as source_entity
    from {{ ref('fct_reconciliation_item') }}
    where stream = 'discount' and side_code = 'reference'
    group by promotion, channel, region
)

select
    concat_ws('|', items.promotion, items.channel, items.region) as close_key,
    case when items.has_unvalued then 'no_data:no_amount' end as exclusion_reason,
    items.is_reconciled,
    case when items.is_reconciled then {{ greatest_ts('items.last_cleared_ts', 'promotions.ends_ts') }} end
        as reconciled_ts,
    promotions.ends_ts,
    cast(items.open_amount as decimal(18, 2)) as open_amount,
    items.promotion,
    items.channel,
    items.region,
    items.source_entity,
    items._file_digest,
    items._line
from items
inner join {{ ref('dim_promotion') }} as promotions
    on items.promotion = promotions.promotion_id
where promotions.ends_ts <= {{ as_of() }}
