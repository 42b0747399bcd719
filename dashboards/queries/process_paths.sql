-- Paths of the ended cases of a process, the most frequent first, with how long they took.
select
    path,
    path_name,
    is_standard,
    count(*) as cases,
    median(epoch(last_ts) - epoch(started_ts)) as median_seconds,
    sum(repeated_count) as repeated
from fct_process_case
where process = $process and is_ended
group by all
order by cases desc, path
