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
        own.from_hour <= spans.from_hour
        and own.to_hour >= spans.to_hour
        and others.from_hour <= spans.from_hour
        and others.to_hour >= spans.to_hour
