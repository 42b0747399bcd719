-- One row a sales channel.
select
    channel_id,
    channel_name,
    channel_type,
    currency_code,
    prices_include_tax,
    coalesce(allows_backorder, false) as allows_backorder,
    received_ts
from {{ ref('stg_oms__channel') }}
