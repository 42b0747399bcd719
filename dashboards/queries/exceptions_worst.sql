-- The open exceptions with the most at stake.
select
    fct_exception.*,
    exception_catalog.title
from fct_exception
left join exception_catalog
    on fct_exception.code = exception_catalog.code
    and exception_catalog.valid_to is null
where fct_exception.status_code = 'open'
order by fct_exception.value_at_risk_amount desc, fct_exception.exception_id
limit $rows
