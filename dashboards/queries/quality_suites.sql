-- Every suite of the snapshot's build: how many expectations, how many failed, and how bad the worst failure is.
select
    suite_kind,
    suite_name,
    target_name,
    count(*) as expectations,
    count_if(not success) as failed,
    count_if(success is null) as not_assessed,
    count_if(not success and severity_code = 'error') as failed_errors
from quality_result
group by all
order by failed_errors desc, failed desc, suite_kind, suite_name
