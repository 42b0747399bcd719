-- What the queue can be narrowed by: every value that stands on an exception, with the number of open ones.
with long as (
    unpivot (
        select
            status_code as status,
            code,
            owner_role as owner,
            channel,
            location,
            severity_code as severity,
            count_if(status_code = 'open') as open_count
        from fct_exception
        group by all
    )
    on status, code, owner, channel, location, severity
    into name dimension value choice
)

select
    dimension,
    choice,
    sum(open_count)::bigint as open_count
from long
group by all
order by dimension, open_count desc, choice
