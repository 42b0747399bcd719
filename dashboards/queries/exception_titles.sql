-- Title of every exception code as valid now.
select
    code,
    title
from exception_catalog
where valid_to is null
order by code
