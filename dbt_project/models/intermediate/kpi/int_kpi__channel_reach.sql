-- One row a channel, location and span of full hours in which the channel may be served from there.
select
    channels.channel_id,
    locations.location_id,
    channels.allows_backorder,
    {{ first_hour_of_day('cast(rules.valid_from as date)') }} as from_hour,
    coalesce({{ first_hour_of_day(add_days('rules.valid_to', 1)) }}, {{ no_last_hour() }}) as to_hour
from {{ ref('dim_channel') }} as channels
inner join {{ ref('channel_eligibility') }} as rules
    on channels.channel_type = rules.channel_type
inner join {{ ref('dim_location') }} as locations
    on rules.location_type = locations.location_type
where rules.is_eligible
