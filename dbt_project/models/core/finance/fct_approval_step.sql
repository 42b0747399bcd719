-- Grain: one step of an approval, its last version. Steps of a request follow one another; times add up over the
-- steps of one request only.
select
    approvals.request_id,
    approvals.step_no,
    approvals.object_id,
    approvals.promotion_id,
    approvals.submitted_ts,
    approvals.decided_ts,
    approvals.decision_code,
    approvals.approval_type as process,
    approvals.approver_role as role,
    {{ mapped_dim('approvals.channel_id', 'channels.channel_id') }} as channel,
    coalesce(approvals.region_code, 'NONE') as region,
    {{ evidence('approval_request', 'approvals') }}
from {{ ref('stg_erp__approval_request') }} as approvals
left join {{ ref('dim_channel') }} as channels
    on approvals.channel_id = channels.channel_id
