-- What stood open at the same time of each of the last days, by opening and closing time; merged and retracted ones left out.
with moments as (
    select $as_of::timestamp - to_days(back::integer) as moment_ts
    from range($days::bigint) as days (back)
)

select
    moments.moment_ts,
    count(fct_exception.exception_id) as exceptions,
    coalesce(sum(fct_exception.value_at_risk_amount), 0)::double as value_at_risk
from moments
left join fct_exception
    on
        fct_exception.opened_ts <= moments.moment_ts
        and (fct_exception.closed_ts is null or fct_exception.closed_ts > moments.moment_ts)
        and fct_exception.status_code in ('open', 'closed')
group by moments.moment_ts
order by moments.moment_ts
