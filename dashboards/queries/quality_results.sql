-- The single results of one suite, failures first.
select
    expectation,
    column_name,
    severity_code,
    success,
    observed_value,
    unexpected_count,
    element_count
from quality_result
where suite_name = $suite_name
order by success nulls first, severity_code, expectation, column_name
