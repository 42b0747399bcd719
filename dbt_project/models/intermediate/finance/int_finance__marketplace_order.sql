-- One row a channel and external order key: the order that a statement means, the earliest that is not cancelled.
with

ranked as (
    select
        order_id,
        channel_id,
        external_order_key,
        row_number() over (
            partition by channel_id, external_order_key order by cast(is_cancelled as integer), order_ts, order_id
        ) as choice
    from {{ ref('fct_order') }}
)

select
    channel_id,
    external_order_key,
    order_id
from ranked
where choice = 1
