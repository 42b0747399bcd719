-- Refused rows of one feed and rule with the file and line they stand in.
select
    landing_file.file_name,
    rejected_row.line,
    rejected_row.column_name,
    rejected_row.rule_code,
    rejected_row.value,
    rejected_row.received_ts,
    rejected_row.file_digest
from rejected_row
left join landing_file
    on rejected_row.file_digest = landing_file.file_digest
    and rejected_row.entity = landing_file.entity
where
    rejected_row.entity = $entity
    and rejected_row.rule_code = $rule_code
    and rejected_row.replayed_ts is null
order by rejected_row.received_ts desc, landing_file.file_name, rejected_row.line, rejected_row.column_name
limit $rows
