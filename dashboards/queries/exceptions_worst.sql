-- The open exceptions with the most at stake, with the title of their type.
select
    fct_exception.*,
    dim_exception_type.title
from fct_exception
left join dim_exception_type
    on
        fct_exception.code = dim_exception_type.code
        and fct_exception.opened_ts >= dim_exception_type.valid_from_ts
        and fct_exception.opened_ts < dim_exception_type.valid_to_ts
where fct_exception.status_code = 'open'
order by fct_exception.value_at_risk_amount desc nulls last, fct_exception.due_ts, fct_exception.exception_id
limit $rows
