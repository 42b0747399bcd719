-- Grain: one item of one side of a reconciliation stream. amount is signed; size_amount, matched_amount and
-- open_amount are sizes (matched + open = size) and add up over the items of one side of a stream. The two sides
-- tell of the same money, and streams overlap: never add sides or streams.
select
    items.item_key,
    items.stream_code as stream,
    items.side_code,
    items.document_key,
    items.group_key,
    items.amount,
    abs(items.amount) as size_amount,
    cast(
        case when pairs.item_key is not null then abs(items.amount) else abs(items.amount) - remainders.open_amount end
        as decimal(18, 2)
    ) as matched_amount,
    cast(case when pairs.item_key is not null then 0 else remainders.open_amount end as decimal(18, 2)) as open_amount,
    coalesce(pairs.method_code, remainders.method_code, 'none') as method_code,
    pairs.partner_key,
    case when items.amount is null then 'no_amount' else remainders.cause_code end as cause_code,
    case when items.amount is null or remainders.open_amount > 0 then items.detail_code end as cause_detail_code,
    coalesce(pairs.item_key is not null or remainders.open_amount = 0, false) as is_cleared,
    coalesce(pairs.cleared_ts, remainders.cleared_ts) as cleared_ts,
    items.transaction_ts,
    items.transaction_date,
    items.due_date,
    items.known_ts,
    coalesce(items.legal_entity_id, mains.legal_entity_id, 'NONE') as legal_entity_id,
    items.order_id,
    coalesce(items.order_type, 'NONE') as order_type,
    coalesce(items.promotion, 'NONE') as promotion,
    coalesce(items.channel, 'NONE') as channel,
    coalesce(entities.region, 'UNKNOWN') as region,
    items.source_entity,
    items._file_digest,
    items._line
from {{ ref('int_finance__reconcile_item') }} as items
left join {{ ref('int_finance__reconcile_pair') }} as pairs
    on items.item_key = pairs.item_key
left join {{ ref('int_finance__reconcile_group') }} as remainders
    on items.item_key = remainders.item_key
left join {{ ref('dim_legal_entity') }} as mains
    on mains.is_main
left join {{ ref('dim_legal_entity') }} as entities
    on coalesce(items.legal_entity_id, mains.legal_entity_id) = entities.legal_entity_id
