-- Open exceptions now, one row a category, owner and severity, with what is at stake and what is past its due time.
select
    category_code,
    owner_role,
    severity_code,
    count(*) as exceptions,
    sum(value_at_risk_amount)::double as value_at_risk,
    count_if(due_ts < $as_of) as past_due
from fct_exception
where status_code = 'open'
group by all
order by all
