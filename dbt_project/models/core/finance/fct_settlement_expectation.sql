-- Grain: one order line (or order, for its shipping) on one statement: what was expected for it there and what was
-- paid; and one row an order line handed over and on no statement yet (settlement_id null). Signed as the
-- statement's amounts, in its currency. Reserves and adjustments are out. Refunds that no statement has taken back
-- yet are no expectation.
with

expected as (
    select
        settlement_id,
        external_order_key,
        line_no as order_line_no,
        max(order_id) as order_id,
        max(channel_id) as channel_id,
        min(event_ts) filter (where kind_code = 'sale') as shipped_ts,
        min(event_date) filter (where kind_code = 'sale') as shipped_date,
        {%- for amount in ['principal', 'shipping', 'tax', 'discount', 'refund', 'fee'] %}
        cast(sum({{ amount }}_amount_local) as decimal(18, 2)) as expected_{{ amount }}_amount_local,
        {%- endfor %}
        count(
            principal_amount_local + shipping_amount_local + tax_amount_local + discount_amount_local + fee_amount_local
        ) = count(*) as is_expectation_known
    from {{ ref('int_finance__expected_event') }}
    where settlement_id is not null or kind_code = 'sale'
    group by settlement_id, external_order_key, line_no
),

joined as (
    select
        coalesce(expected.settlement_id, settled.settlement_id) as settlement_id,
        coalesce(expected.external_order_key, settled.external_order_key) as external_order_key,
        coalesce(expected.order_line_no, settled.order_line_no) as order_line_no,
        coalesce(expected.order_id, settled.order_id) as order_id,
        coalesce(expected.channel_id, settled.channel_id) as channel_id,
        expected.shipped_ts,
        expected.shipped_date,
        {%- for amount in ['principal', 'shipping', 'tax', 'discount', 'refund', 'fee'] %}
        coalesce(expected.expected_{{ amount }}_amount_local, 0) as expected_{{ amount }}_amount_local,
        {%- endfor %}
        coalesce(expected.is_expectation_known, true) as is_expectation_known,
        coalesce(settled.actual_amount_local, 0) as actual_amount_local,
        settled.first_line_no
    from expected
    full outer join {{ ref('int_finance__settled_group') }} as settled
        on
            expected.settlement_id = settled.settlement_id
            and expected.external_order_key = settled.external_order_key
            and coalesce(expected.order_line_no, -1) = coalesce(settled.order_line_no, -1)
),

summed as (
    select
        *,
        case when settlement_id is null then channel_id end as unsettled_channel_id,
        cast(
            expected_principal_amount_local + expected_shipping_amount_local + expected_tax_amount_local
            + expected_discount_amount_local + expected_refund_amount_local + expected_fee_amount_local
            as decimal(18, 2)
        ) as expected_amount_local
    from joined
)

select
    coalesce(summed.settlement_id, 'unsettled') || '|' || summed.channel_id || '|' || summed.external_order_key || '|'
    || coalesce(cast(summed.order_line_no as string), 'order') as expectation_key,
    summed.settlement_id,
    summed.external_order_key,
    summed.order_line_no,
    summed.order_id,
    lines.order_line_key,
    summed.channel_id,
    orders.currency_code,
    {%- for amount in ['principal', 'shipping', 'tax', 'discount', 'refund', 'fee'] %}
    summed.expected_{{ amount }}_amount_local,
    {%- endfor %}
    summed.expected_amount_local,
    cast(summed.actual_amount_local as decimal(18, 2)) as actual_amount_local,
    cast(summed.actual_amount_local - summed.expected_amount_local as decimal(18, 2)) as difference_amount_local,
    {{ money('summed.expected_amount_local * rates.reporting_rate') }} as expected_amount,
    {{ money('(summed.actual_amount_local - summed.expected_amount_local) * rates.reporting_rate') }}
        as difference_amount,
    coalesce(settlements.closed_ts, covering.closed_ts) as settlement_closed_ts,
    coalesce(settlements.payout_due_date, covering.payout_due_date) as payout_due_date,
    summed.shipped_ts,
    summed.settlement_id is not null as is_settled,
    summed.is_expectation_known,
    orders.channel,
    coalesce(lines.region, orders.region) as region,
    coalesce(lines.category, 'NONE') as category,
    case when summed.settlement_id is null then 'sales_order_line' else 'settlement_line' end as source_entity,
    coalesce(settled_lines._file_digest, lines._file_digest, orders._file_digest) as _file_digest,
    coalesce(settled_lines._line, lines._line, orders._line) as _line,
    coalesce(settled_lines.received_ts, lines.received_ts, orders.received_ts) as received_ts,
    coalesce(settled_lines.first_received_ts, lines.first_received_ts, orders.first_received_ts) as first_received_ts
from summed
inner join {{ ref('fct_order') }} as orders
    on summed.order_id = orders.order_id
left join {{ ref('fct_order_line') }} as lines
    on
        summed.order_id = lines.order_id
        and summed.order_line_no = lines.line_no
left join {{ ref('fct_settlement') }} as settlements
    on summed.settlement_id = settlements.settlement_id
left join {{ ref('fct_settlement_line') }} as settled_lines
    on
        summed.settlement_id = settled_lines.settlement_id
        and summed.first_line_no = settled_lines.line_no
left join {{ ref('fct_settlement') }} as covering
    on
        summed.unsettled_channel_id = covering.channel_id
        and summed.shipped_date between covering.period_start_date and covering.period_end_date
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        orders.currency_code = rates.currency_code
        and orders.order_date = rates.rate_date
