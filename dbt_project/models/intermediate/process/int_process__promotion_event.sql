-- One row a step of a promotion: its approval, the first price that went live and the last that was taken down, and
-- when the claim on its supplier is due.
{{ config(materialized='view') }}

with

approvals as (
    select
        promotion_id,
        min(submitted_ts) as submitted_ts,
        max(case when decision_code = 'approved' then decided_ts end) as approved_ts
    from {{ ref('stg_erp__approval_request') }}
    where approval_type = 'promotion' and promotion_id is not null
    group by promotion_id
),

prices as (
    select
        promotion_id,
        min(live_ts) as live_ts,
        case when count(*) = count(ended_ts) then max(ended_ts) end as off_ts
    from {{ ref('stg_pos__price_publication') }}
    where promotion_id is not null and live_ts is not null
    group by promotion_id
),

claims as (
    select
        promotion_id,
        max(claim_due_date) as claim_due_date
    from {{ ref('stg_erp__supplier_funding') }}
    group by promotion_id
),

cases as (
    select
        promotions.promotion_id,
        approvals.submitted_ts,
        coalesce(approvals.approved_ts, promotions.approved_ts) as approved_ts,
        prices.live_ts,
        prices.off_ts,
        {{ end_of_local_day('claims.claim_due_date', reporting_zone()) }} as claim_due_ts,
        promotions._file_digest,
        promotions._line
    from {{ ref('stg_erp__promotion') }} as promotions
    left join approvals on promotions.promotion_id = approvals.promotion_id
    left join prices on promotions.promotion_id = prices.promotion_id
    left join claims on promotions.promotion_id = claims.promotion_id
)

{% for activity in ['submitted', 'approved', 'live', 'off', 'claim_due'] %}
select
    promotion_id,
    '{{ activity }}' as activity,
    {{ activity }}_ts as event_ts,
    'promotion' as source_entity,
    _file_digest,
    _line
from cases
where {{ activity }}_ts <= {{ as_of() }}
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
