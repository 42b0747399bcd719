-- Every process with its cases and how many different paths they took.
select
    process,
    count(*) as cases,
    count_if(is_ended) as ended,
    count(distinct path) filter (where is_ended) as paths
from fct_process_case
group by process
order by cases desc
