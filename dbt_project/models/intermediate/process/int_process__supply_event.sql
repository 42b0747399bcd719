-- One row an event of a case that belongs to no order: of a purchase-order line, a replenishment proposal, a promotion.
select
    'procure-to-pay' as process,
    po_line_key as case_id,
    activity,
    event_ts,
    event_key,
    source_entity,
    _file_digest,
    _line
from {{ ref('int_process__purchase_event') }}

union all

select
    'inventory-to-replenishment' as process,
    proposal_id as case_id,
    activity,
    event_ts,
    activity as event_key,
    source_entity,
    _file_digest,
    _line
from {{ ref('int_process__replenishment_event') }}

union all

select
    'promotion-to-settlement' as process,
    promotion_id as case_id,
    activity,
    event_ts,
    activity as event_key,
    source_entity,
    _file_digest,
    _line
from {{ ref('int_process__promotion_event') }}
