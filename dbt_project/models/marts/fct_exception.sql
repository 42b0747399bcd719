-- Grain: one exception: one episode of a condition on a business key, with what people did about it. Values at risk of
-- different codes may be the same money: do not sum them over codes. What somebody settled is closed; a condition that
-- still holds one service level after it was resolved opens it again.
with exceptions as (
    select
        exceptions.*,
        cases.acknowledged_ts,
        cases.settlement_code,
        cases.settled_by_code,
        cases.outcome_code,
        cases.outcome_amount,
        cases.merged_into_id,
        case
            when exceptions.status_code <> 'retracted' and coalesce(cases.settled_ts < exceptions.closed_ts, true)
                then cases.settled_ts
        end as settled_ts
    from {{ ref('int_control__exception') }} as exceptions
    left join {{ ref('fct_case') }} as cases
        on exceptions.exception_id = cases.case_id
),

resolutions as (
    select distinct
        owner_role,
        sla_seconds,
        settled_ts
    from exceptions
    where settled_ts is not null and settlement_code = 'resolve' and not is_event
),

work_done as (
    select
        resolutions.*,
        {{ worked_until('days', 'resolutions.settled_ts') }} + resolutions.sla_seconds as seconds_until
    from resolutions
    inner join {{ ref('int_control__business_day') }} as days
        on
            resolutions.owner_role = days.owner_role
            and resolutions.settled_ts >= days.opens_ts
            and resolutions.settled_ts < days.next_opens_ts
),

asked_again as (
    select
        work_done.owner_role,
        work_done.sla_seconds,
        work_done.settled_ts,
        {{ add_seconds('days.opens_ts', 'work_done.seconds_until - days.work_seconds_before') }} as again_ts
    from work_done
    inner join {{ ref('int_control__business_day') }} as days
        on
            work_done.owner_role = days.owner_role
            and work_done.seconds_until > days.work_seconds_before
            and work_done.seconds_until <= days.work_seconds_until
),

judged as (
    select
        exceptions.*,
        coalesce(
            asked_again.again_ts <= {{ as_of() }}
            and coalesce(exceptions.closed_ts > asked_again.again_ts, true),
            false
        ) as is_again
    from exceptions
    left join asked_again
        on
            exceptions.owner_role = asked_again.owner_role
            and exceptions.sla_seconds = asked_again.sla_seconds
            and exceptions.settled_ts = asked_again.settled_ts
            and exceptions.settlement_code = 'resolve'
            and not exceptions.is_event
),

told as (
    select
        *,
        settled_ts is not null and not is_again as is_settled
    from judged
)

select
    exception_id,
    code,
    exception_name,
    category_code,
    severity_code,
    case when is_settled then 'closed' else status_code end as status_code,
    opened_ts,
    detected_ts,
    due_ts,
    case when is_settled then settled_ts else closed_ts end as closed_ts,
    case
        when not is_settled then close_reason
        when settlement_code = 'dismiss' then 'NOT_AN_ISSUE'
        when settlement_code = 'merge' then 'merged'
        else 'resolved'
    end as close_reason,
    reopened_count + case when is_again then 1 else 0 end as reopened_count,
    business_key,
    opening_key,
    order_id,
    order_line_key,
    sku,
    channel,
    location,
    region,
    category,
    supplier,
    interface,
    owner_role,
    value_at_risk_amount,
    realised_loss_amount,
    observed_value,
    threshold_value,
    customers_affected,
    evidence_entity,
    _file_digest,
    _line,
    case when is_settled then merged_into_id end as superseded_by,
    next_step,
    acknowledged_ts,
    settled_ts,
    settled_by_code,
    outcome_code,
    outcome_amount
from told
