-- Grain: one rule that a row broke. Count rows with is_first_of_row, reasons without.
with

ranked as (
    select
        *,
        row_number() over (
            partition by file_digest, entity, line order by rule_code, column_name, value
        ) as rule_no,
        row_number() over (
            partition by file_digest, entity, line, column_name, rule_code order by value
        ) as repeat_no
    from {{ source('raw', 'rejected_row') }}
)

select
    concat_ws(
        '|', ranked.file_digest, ranked.entity, coalesce(cast(ranked.line as string), '-'),
        coalesce(ranked.column_name, '-'), ranked.rule_code
    ) as rejected_key,
    ranked.entity,
    ranked.feed_id,
    ranked.column_name,
    ranked.rule_code,
    ranked.value,
    ranked.replayed_ts,
    ranked.rule_no = 1 as is_first_of_row,
    ranked.entity as interface,
    coalesce(contracts.process_code, 'UNKNOWN') as process,
    ranked.entity as source_entity,
    ranked.file_digest as _file_digest,
    ranked.line as _line,
    ranked.received_ts
from ranked
left join {{ source('raw', 'feed_contract') }} as contracts
    on ranked.entity = contracts.entity
where ranked.repeat_no = 1
