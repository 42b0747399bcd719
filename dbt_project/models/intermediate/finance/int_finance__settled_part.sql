-- One row a line of a marketplace statement, and of a fee of a whole order one row an order line that has value: its
-- share by value, as in the contribution, so that fees meet what the schedule says for the lines.
{{ config(materialized='view') }}

with lines as (
    select
        *,
        case when line_type = 'fee' and order_line_no is null then order_id end as spread_order_id
    from {{ ref('fct_settlement_line') }}
),

weights as (
    select *
    from {{ ref('int_order__value_weight') }}
    where line_weight > 0
)

select
    lines.settlement_id,
    lines.line_no,
    lines.external_order_key,
    coalesce(weights.line_no, lines.order_line_no) as order_line_no,
    lines.order_id,
    coalesce(weights.order_line_key, lines.order_line_key) as order_line_key,
    lines.channel_id,
    lines.is_order_line_type,
    lines.is_matched,
    lines.line_type,
    lines.fee_type,
    {% for name in ['amount_local', 'amount'] -%}
    case
        when weights.order_line_key is null then lines.{{ name }}
        else {{ cumulative_part(
            'lines.' ~ name, 'weights.weight_upto', 'weights.weight_before', 'weights.order_weight'
        ) }}
    end as {{ name }},
    {% endfor -%}
    lines.posted_ts,
    lines.region,
    lines._file_digest,
    lines._line
from lines
left join weights
    on lines.spread_order_id = weights.order_id
