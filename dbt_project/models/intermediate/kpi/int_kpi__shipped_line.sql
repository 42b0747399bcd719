-- One row a part of an order line that left a node: the first error that became known within 30 days, in the order
-- item, quantity, address, price, substitution (K12). Items and quantities are told by what was shipped, by returns and
-- by claims, prices by cases about the invoice; an error of the line stands with each part of it that left before it
-- was known.
{{ config(materialized='view') }}

with

parts as (
    select
        parts.*,
        {{ add_seconds('parts.left_ts', '30 * 86400') }} as known_until_ts
    from {{ ref('fct_fulfilment_line') }} as parts
    where parts.left_ts is not null and parts.shipped_qty > 0
),

told as (
    select
        order_line_key as told_key,
        initiated_ts as known_ts,
        reason_code as told_code
    from {{ ref('fct_return_line') }}
    where not is_withdrawn and reason_code in ('wrong_item', 'missing_item')
    union all
    select
        coalesce(order_line_key, order_id) as told_key,
        opened_ts as known_ts,
        theme_code as told_code
    from {{ ref('fct_customer_case') }}
),

keyed as (
    select
        fulfilment_line_id,
        left_ts,
        known_until_ts,
        order_line_key as told_key
    from parts
    union all
    select
        fulfilment_line_id,
        left_ts,
        known_until_ts,
        order_id as told_key
    from parts
),

claims as (
    select
        keyed.fulfilment_line_id,
        bool_or(told.told_code = 'wrong_item') as is_wrong_item,
        bool_or(told.told_code = 'missing_item') as is_missing_item,
        bool_or(told.told_code = 'invoice') as is_wrong_price
    from keyed
    inner join told
        on
            keyed.told_key = told.told_key
            and keyed.left_ts <= told.known_ts
            and keyed.known_until_ts >= told.known_ts
    group by keyed.fulfilment_line_id
),

shipped as (
    select
        parts.fulfilment_line_id,
        bool_or(shipped.sku <> parts.sku) as is_other_item,
        bool_or(coalesce(shipped.address_fault_ts <= parts.known_until_ts, false)) as is_wrong_address
    from parts
    inner join {{ ref('fct_shipment_line') }} as shipped
        on
            parts.order_line_key = shipped.order_line_key
            and parts.location_id = shipped.location_id
    where not shipped.is_cancelled and not shipped.is_replacement
    group by parts.fulfilment_line_id
)

select
    parts.fulfilment_line_id,
    parts.order_id,
    case
        when lines.is_test then 'out:test'
        when not lines.is_goods then 'out:not_goods'
        when lines.is_kit then 'out:kit'
    end as exclusion_reason,
    {{ reporting_date('parts.left_ts') }} as left_date,
    case
        when coalesce(claims.is_wrong_item, false) or coalesce(shipped.is_other_item, false) then 'item'
        when coalesce(claims.is_missing_item, false) or parts.shipped_qty > parts.requested_qty then 'quantity'
        when coalesce(shipped.is_wrong_address, false) then 'address'
        when coalesce(claims.is_wrong_price, false) then 'price'
        when lines.is_substitute and not coalesce(milestones.is_substitution_accepted, false) then 'substitution'
    end as error_code,
    parts.channel,
    parts.location,
    parts.region,
    parts.category,
    parts.order_type,
    parts.source_entity,
    parts._file_digest,
    parts._line
from parts
inner join {{ ref('fct_order_line') }} as lines on parts.order_line_key = lines.order_line_key
left join claims on parts.fulfilment_line_id = claims.fulfilment_line_id
left join shipped on parts.fulfilment_line_id = shipped.fulfilment_line_id
left join {{ ref('int_order__event_milestone') }} as milestones on parts.order_line_key = milestones.order_line_key
