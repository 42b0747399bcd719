-- Streams of each legal entity and fiscal period that has begun, the newest first: how far the close is.
select
    fiscal_period,
    legal_entity_id,
    stream,
    state_code,
    is_ended,
    signed_by,
    signed_ts,
    asked_amount::double as asked_amount,
    cleared_amount::double as cleared_amount,
    open_up_to_7_days_amount::double as open_up_to_7_days_amount,
    open_8_to_30_days_amount::double as open_8_to_30_days_amount,
    open_over_30_days_amount::double as open_over_30_days_amount
from mart_reconciliation_period
order by fiscal_period desc, legal_entity_id, stream
