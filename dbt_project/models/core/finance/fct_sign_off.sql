-- Grain: one reconciliation stream of a legal entity in a fiscal period, its last state.
select
    states.stream_code,
    states.legal_entity_id,
    states.fiscal_period,
    states.state_code,
    states.signed_by,
    case when states.state_code = 'signed_off' then states.signed_ts end as signed_ts,
    periods.start_date,
    periods.end_date,
    coalesce(entities.region, 'UNKNOWN') as region,
    {{ evidence('sign_off', 'states') }}
from {{ ref('stg_erp__sign_off') }} as states
left join {{ ref('dim_fiscal_period') }} as periods
    on
        states.legal_entity_id = periods.legal_entity_id
        and states.fiscal_period = periods.fiscal_period
left join {{ ref('dim_legal_entity') }} as entities
    on states.legal_entity_id = entities.legal_entity_id
