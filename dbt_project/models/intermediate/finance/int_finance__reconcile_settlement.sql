-- The stream settlement: what is expected for a marketplace order line on a statement, and what the statement paid.
-- Over several statements of a line the sums must agree. detail_code is the component that differs most.
{{ config(materialized='view') }}

with paid as (
    select
        settlement_id,
        external_order_key,
        coalesce(order_line_no, -1) as line_no,
        {%- for component in ['principal', 'shipping', 'tax', 'discount', 'refund', 'fee'] %}
        sum(case when line_type = '{{ component }}' then amount_local else 0 end) as {{ component }}_amount_local,
        {%- endfor %}
        sum(amount) as amount
    from {{ ref('int_finance__settled_part') }}
    where is_matched and is_order_line_type and line_type not in ('reserve_held', 'reserve_released', 'adjustment')
    group by settlement_id, external_order_key, coalesce(order_line_no, -1)
),

compared as (
    select
        expectations.*,
        concat_ws(
            '|', expectations.channel_id, expectations.external_order_key,
            coalesce(cast(expectations.order_line_no as string), 'order')
        ) as document_key,
        coalesce(expectations.shipped_ts, expectations.settlement_closed_ts) as due_from_ts,
        orders.order_type,
        paid.amount as paid_amount,
        paid.settlement_id is not null as is_paid,
        {%- for component in ['principal', 'shipping', 'tax', 'discount', 'refund', 'fee'] %}
        abs(
            expectations.expected_{{ component }}_amount_local - coalesce(paid.{{ component }}_amount_local, 0)
        ) as {{ component }}_difference{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_settlement_expectation') }} as expectations
    inner join {{ ref('fct_order') }} as orders
        on expectations.order_id = orders.order_id
    left join paid
        on
            expectations.settlement_id = paid.settlement_id
            and expectations.external_order_key = paid.external_order_key
            and coalesce(expectations.order_line_no, -1) = paid.line_no
),

measured as (
    select
        *,
        greatest(
            principal_difference, shipping_difference, tax_difference, discount_difference, refund_difference,
            fee_difference
        ) as largest_difference
    from compared
),

explained as (
    select
        *,
        case
            when settlement_id is null or largest_difference = 0 then cast(null as string)
            {%- for component in ['principal', 'shipping', 'tax', 'discount', 'refund', 'fee'] %}
            when {{ component }}_difference = largest_difference then '{{ component }}'
            {%- endfor %}
        end as detail_code
    from measured
)

{% set columns = {
    'channel': 'channel', 'order_id': 'order_id', 'order_type': 'order_type', 'detail_code': 'detail_code',
    'source_entity': 'source_entity',
} %}
{{ reconciliation_side(
    'settlement', 'reference', 'explained',
    item_id='expectation_key', document_key='document_key', group_key='document_key',
    amount='case when is_expectation_known then expected_amount end', transaction_ts='due_from_ts',
    known_ts='first_received_ts', columns=columns,
) }}
union all
{{ reconciliation_side(
    'settlement', 'other', 'explained',
    item_id='expectation_key', document_key='document_key', group_key='document_key',
    amount='paid_amount', transaction_ts='settlement_closed_ts', known_ts='first_received_ts', columns=columns,
    where='is_paid',
) }}
