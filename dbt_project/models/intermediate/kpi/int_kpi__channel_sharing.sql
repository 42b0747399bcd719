-- One row a channel, another one and span of full hours in which both may be served from some location.
with

hours as (
    select from_hour as hour_no from {{ ref('int_kpi__channel_reach') }}
    union
    select to_hour as hour_no from {{ ref('int_kpi__channel_reach') }}
),

-- between two changes of any rule all of them stay as they are
spans as (
    select
        hour_no as from_hour,
        lead(hour_no) over (order by hour_no) as to_hour
    from hours
)

select distinct
    own.channel_id,
    others.channel_id as other_channel_id,
    spans.from_hour,
    spans.to_hour
from {{ ref('int_kpi__channel_reach') }} as own
inner join {{ ref('int_kpi__channel_reach') }} as others
    on
        own.location_id = others.location_id
        and own.channel_id <> others.channel_id
inner join spans
    on
        spans.from_hour >= own.from_hour
        and spans.to_hour <= own.to_hour
        and spans.from_hour >= others.from_hour
        and spans.to_hour <= others.to_hour
