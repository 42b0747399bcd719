-- One row an item that stands against no single one: the sums of its group on both sides, and what is open of it.
-- Sums that are equal (group) or within the tolerance (group_tolerance) clear the whole group. Where one side has
-- more, the surplus is open on the latest items of that side (partial). Nothing on the other side, or sums of
-- opposite sign, clear nothing (none).
with

items as (
    select items.*
    from {{ ref('int_finance__reconcile_item') }} as items
    left join {{ ref('int_finance__reconcile_pair') }} as pairs
        on items.item_key = pairs.item_key
    where pairs.item_key is null and items.amount is not null
),

sums as (
    select
        stream_code,
        group_key,
        cast(sum(case when side_code = 'reference' then amount else 0 end) as decimal(18, 2)) as reference_amount,
        cast(sum(case when side_code = 'other' then amount else 0 end) as decimal(18, 2)) as other_amount,
        max(case when side_code = 'reference' then 1 else 0 end) as has_reference,
        max(case when side_code = 'other' then 1 else 0 end) as has_other,
        max(group_tolerance_amount) as tolerance_amount,
        max(tolerance_share) as tolerance_share,
        max(known_ts) as cleared_ts
    from items
    group by stream_code, group_key
),

judged as (
    select
        *,
        case
            when has_reference = 0 then 'missing_reference'
            when has_other = 0 then 'missing_other'
            when sign(reference_amount) * sign(other_amount) < 0 then 'opposite_sign'
            when abs(reference_amount) > abs(other_amount) then 'other_short'
            else 'reference_short'
        end as cause_code,
        case
            when has_reference = 0 or has_other = 0 then 'none'
            when reference_amount = other_amount then 'group'
            when
                abs(reference_amount - other_amount)
                <= greatest(tolerance_amount, tolerance_share * abs(reference_amount))
                then 'group_tolerance'
            when sign(reference_amount) * sign(other_amount) < 0 then 'none'
            else 'partial'
        end as method_code,
        abs(abs(reference_amount) - abs(other_amount)) as surplus_amount
    from sums
),

queued as (
    select
        items.item_key,
        items.side_code,
        judged.method_code,
        judged.cause_code,
        judged.cleared_ts,
        judged.surplus_amount,
        abs(items.amount) as size_amount,
        sum(abs(items.amount)) over (
            partition by items.stream_code, items.group_key, items.side_code
            order by items.transaction_ts desc, items.item_key desc rows unbounded preceding
        ) as size_upto
    from items
    inner join judged
        on
            items.stream_code = judged.stream_code
            and items.group_key = judged.group_key
),

opened as (
    select
        *,
        case
            when method_code in ('group', 'group_tolerance') then 0
            when method_code = 'none' then size_amount
            when side_code = case when cause_code = 'other_short' then 'reference' else 'other' end
                then least(size_amount, greatest(surplus_amount - (size_upto - size_amount), 0))
            else 0
        end as open_amount
    from queued
)

select
    item_key,
    method_code,
    cast(open_amount as decimal(18, 2)) as open_amount,
    case when open_amount > 0 then cause_code end as cause_code,
    case when open_amount = 0 then cleared_ts end as cleared_ts
from opened
