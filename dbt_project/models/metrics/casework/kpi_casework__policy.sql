-- K104, K105. Grain: one row a measure and action that the policy was asked about (K104), or that a rule or a model
-- did or recommended (K105). An action that the policy refused was asked about and does not conform.
{% set dims = ['process', 'role', 'channel', 'region'] %}
{% set nothing = 'cast(null as string)' %}
with actions as (
    select
        actions.*,
        coalesce(exceptions.category_code, 'NONE') as process,
        coalesce(exceptions.channel, 'NONE') as channel,
        coalesce(exceptions.region, 'NONE') as region,
        actions.action_code as reason,
        cast(actions.row_no as string) as item_key,
        {{ reporting_date('actions.event_ts') }} as action_date,
        actions.inputs_digest is not null
        and actions.rule_version is not null
        and actions.policy_result is not null
        and actions.actor_id is not null
        and (actions.approval_id is not null or not actions.is_approval_needed)
        and (actions.outcome_code is not null or actions.action_code in ('route', 'escalate', 'alert')) as is_whole
    from {{ ref('fct_case_action') }} as actions
    left join {{ ref('fct_exception') }} as exceptions
        on actions.exception_id = exceptions.exception_id
)

{{ kpi_union([
    kpi_measure(
        'K104', 'actions', 'item_key', 'action_date', "case when policy_result = 'allowed' then 1 else 0 end",
        exclusion=nothing, dims=dims
    ),
    kpi_measure(
        'K104.override', 'actions', 'item_key', 'action_date', '0', exclusion=nothing, dims=dims + ['reason'],
        reason="'NONE'"
    ),
    kpi_measure(
        'K104.override', 'actions', 'item_key', 'action_date', '1', '0', exclusion=nothing, dims=dims + ['reason'],
        where="policy_result = 'overridden'"
    ),
    kpi_measure(
        'K105', 'actions', 'item_key', 'action_date', 'case when is_whole then 1 else 0 end', exclusion=nothing,
        dims=['process', 'role'], where="actor_type in ('rule', 'model')"
    ),
]) }}
