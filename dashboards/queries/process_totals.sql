-- Every process with its cases and how many went a standard path.
select
    process,
    count(*) as cases,
    count_if(is_ended) as ended,
    count_if(is_ended and is_standard) as standard,
    count(distinct path) filter (where is_ended) as paths,
    sum(repeated_count) filter (where is_ended) as repeated
from fct_process_case
group by process
order by cases desc
