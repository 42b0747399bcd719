-- Title of every exception code as valid now.
select
    code,
    title
from dim_exception_type
where valid_from_ts <= $as_of and valid_to_ts > $as_of
order by code
