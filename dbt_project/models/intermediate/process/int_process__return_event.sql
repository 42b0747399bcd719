-- One row a step that a return line has taken. A line refunded without a return has no steps of goods.
{{ config(materialized='view') }}

{% set steps = {
    'initiated': 'initiated_ts', 'in_transit': 'in_transit_ts', 'received': 'goods_received_ts', 'inspected': 'inspected_ts',
    'disposed': 'disposed_ts', 'available': 'available_ts', 'refunded': 'first_refund_ts', 'credited': 'credit_memo_posted_ts',
} %}
{% for activity, instant in steps.items() %}
select
    return_key,
    split_part(order_line_key, '|', 1) as order_id,
    '{{ activity }}' as activity,
    {{ instant }} as event_ts,
    source_entity,
    _file_digest,
    _line
from {{ ref('fct_return_line') }}
where not is_withdrawn and {{ instant }} is not null
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
