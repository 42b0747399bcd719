-- One row an item that stands against one item of the other side: the same document with the same amount (exact),
-- else the same document within the tolerance (key_tolerance). Several items of a document are paired in the order
-- of time, or of amount.
with

shared as (
    select
        stream_code,
        document_key
    from {{ ref('int_finance__reconcile_item') }}
    where amount is not null
    group by stream_code, document_key
    having min(side_code) <> max(side_code)
),

items as (
    select items.*
    from {{ ref('int_finance__reconcile_item') }} as items
    inner join shared
        on
            items.stream_code = shared.stream_code
            and items.document_key = shared.document_key
    where items.amount is not null
),

numbered as (
    select
        *,
        row_number() over (
            partition by stream_code, side_code, document_key, amount order by transaction_ts, item_key
        ) as pair_no
    from items
),

exact as (
    select
        reference.item_key as reference_key,
        other.item_key as other_key,
        {{ greatest_ts('reference.known_ts', 'other.known_ts') }} as cleared_ts
    from numbered as reference
    inner join numbered as other
        on
            reference.stream_code = other.stream_code
            and reference.document_key = other.document_key
            and reference.amount = other.amount
            and reference.pair_no = other.pair_no
            and other.side_code = 'other'
    where reference.side_code = 'reference'
),

exact_keys as (
    select reference_key as item_key
    from exact
    union all
    select other_key as item_key
    from exact
),

ranked as (
    select
        items.*,
        row_number() over (
            partition by items.stream_code, items.side_code, items.document_key order by items.amount, items.item_key
        ) as pair_no
    from items
    left join exact_keys
        on items.item_key = exact_keys.item_key
    where exact_keys.item_key is null
),

near as (
    select
        reference.item_key as reference_key,
        other.item_key as other_key,
        {{ greatest_ts('reference.known_ts', 'other.known_ts') }} as cleared_ts
    from ranked as reference
    inner join ranked as other
        on
            reference.stream_code = other.stream_code
            and reference.document_key = other.document_key
            and reference.pair_no = other.pair_no
            and other.side_code = 'other'
    where reference.side_code = 'reference' and abs(reference.amount - other.amount) <= reference.tolerance_amount
)

select
    reference_key as item_key,
    other_key as partner_key,
    'exact' as method_code,
    cleared_ts
from exact
union all
select
    other_key as item_key,
    reference_key as partner_key,
    'exact' as method_code,
    cleared_ts
from exact
union all
select
    reference_key as item_key,
    other_key as partner_key,
    'key_tolerance' as method_code,
    cleared_ts
from near
union all
select
    other_key as item_key,
    reference_key as partner_key,
    'key_tolerance' as method_code,
    cleared_ts
from near
