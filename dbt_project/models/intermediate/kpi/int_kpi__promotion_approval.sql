-- One row a promotion whose planned start has passed: whether all steps of its approval were decided by then, with
-- the role and place of the step that was decided last (K52.after_start).
{{ config(materialized='view') }}

with steps as (
    select
        *,
        bool_and(decided_ts is not null) over (partition by promotion_id) as is_decided,
        max(decided_ts) over (partition by promotion_id) as last_decided_ts,
        row_number() over (
            partition by promotion_id
            order by coalesce(decided_ts, cast('9999-12-31' as timestamp)) desc, step_no desc, request_id desc
        ) as from_last
    from {{ ref('fct_approval_step') }}
    where process = 'promotion'
)

select
    promotions.promotion_id,
    {{ reporting_date('promotions.starts_ts') }} as start_date,
    case
        when promotions.status_code = 'withdrawn' then 'out:withdrawn'
        when steps.promotion_id is null then 'no_data:no_request'
    end as exclusion_reason,
    not coalesce(steps.is_decided and steps.last_decided_ts <= promotions.starts_ts, false) as is_late,
    coalesce(steps.channel, 'NONE') as channel,
    coalesce(steps.region, 'NONE') as region,
    coalesce(steps.role, 'NONE') as role,
    'promotion' as process,
    'promotion' as source_entity,
    promotions._file_digest,
    promotions._line
from {{ ref('stg_erp__promotion') }} as promotions
left join steps
    on
        promotions.promotion_id = steps.promotion_id
        and steps.from_last = 1
where promotions.starts_ts <= {{ as_of() }}
