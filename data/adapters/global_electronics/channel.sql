-- Grain: one row a channel: the web shop (store 0) and the stores together.
select
    arg_min(_file_digest, _line) as _file_digest,
    min(_line) as _line,
    if(StoreKey = '0', 'web', 'store') as channel_id,
    if(channel_id = 'web', 'Web shop', 'Stores') as channel_name,
    channel_id as channel_type,
    'USD' as currency_code,
    false as prices_include_tax,
    timestamp '2016-01-01 00:00:00' as updated_ts
from {{ stores }}
group by channel_id
