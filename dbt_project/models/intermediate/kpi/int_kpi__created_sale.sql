-- One row a channel, order type and day on which orders or till sales were created, with how many (K71). Test orders
-- and returns at the till are out.
with sales as (
    select
        transaction_id,
        max(sale_date) as created_date,
        max(channel) as channel,
        max(order_type) as order_type,
        min(_file_digest) as _file_digest,
        {{ min_by_keys('_line', ['_file_digest', '_line']) }} as _line,
        'pos_transaction_line' as source_entity
    from {{ ref('fct_store_sale_line') }}
    where transaction_type = 'sale'
    group by transaction_id
),

entries as (
    select
        order_date as created_date,
        channel,
        order_type,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_order') }}
    where not is_test

    union all

    select
        created_date,
        channel,
        order_type,
        source_entity,
        _file_digest,
        _line
    from sales
)

select
    concat_ws('|', cast(created_date as string), channel, order_type) as created_key,
    created_date,
    channel,
    order_type,
    'NONE' as stream,
    count(*) as created_count,
    min(source_entity) as source_entity,
    min(_file_digest) as _file_digest,
    {{ min_by_keys('_line', ['_file_digest', '_line']) }} as _line
from entries
group by created_date, channel, order_type
