-- One row a fiscal period of a legal entity, first and last day included.
select
    legal_entity_id,
    fiscal_period,
    start_date,
    end_date,
    received_ts
from {{ ref('stg_erp__fiscal_period') }}
