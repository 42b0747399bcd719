-- One row: refused rows not replayed, files refused whole, files and rows landed.
select
    (select count(*) from (select distinct file_digest, entity, line from rejected_row where replayed_ts is null)) as refused_rows,
    (select count(*) from landing_file where status_code = 'quarantined') as refused_files,
    (select count(*) from landing_file) as files,
    (select coalesce(sum(rows_read), 0)::bigint from landing_file) as rows_read
