-- One row an event of a case that belongs to an order: of an order line, or of a return line. An event of the whole
-- order stands once in the case of each of its lines.
{{ config(materialized='view') }}

select
    'order-to-cash' as process,
    lines.order_line_key as case_id,
    lines.order_id,
    events.event_type as activity,
    events.event_ts,
    events.event_id as event_key,
    events.source_entity,
    events._file_digest,
    events._line
from {{ ref('fct_order_line') }} as lines
inner join {{ ref('fct_order_event') }} as events
    on
        lines.order_id = events.order_id
        and (events.line_no is null or lines.line_no = events.line_no)
where lines.is_in_scope

union all

select
    'return-to-refund' as process,
    return_key as case_id,
    order_id,
    activity,
    event_ts,
    activity as event_key,
    source_entity,
    _file_digest,
    _line
from {{ ref('int_process__return_event') }}
