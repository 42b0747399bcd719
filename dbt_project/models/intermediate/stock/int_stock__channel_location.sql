-- One row a channel and location from which it may be served now.
select
    channels.channel_id,
    locations.location_id
from {{ ref('dim_channel') }} as channels
inner join {{ ref('channel_eligibility') }} as rules
    on channels.channel_type = rules.channel_type
inner join {{ ref('dim_location') }} as locations
    on rules.location_type = locations.location_type
where
    rules.is_eligible
    and cast(rules.valid_from as date) <= {{ reporting_date(as_of()) }}
    and (rules.valid_to is null or cast(rules.valid_to as date) >= {{ reporting_date(as_of()) }})
