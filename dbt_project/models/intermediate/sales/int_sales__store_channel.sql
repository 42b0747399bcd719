-- One row: the channel under which store tills report, the first channel of type store.
select min(channel_id) as channel_id
from {{ ref('dim_channel') }}
where channel_type = 'store'
