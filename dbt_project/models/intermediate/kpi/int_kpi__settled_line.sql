-- One row a marketplace order line (or an order's shipping) that a statement paid: what was expected and paid for it
-- over all statements, adjustments of the line included, netted in the statement's currency (K75). Its period is
-- that of its first payout: the deposit's day, until then the day on which it is due.
with adjustments as (
    select
        channel_id,
        external_order_key,
        order_line_no,
        sum(amount_local) as amount_local
    from {{ ref('fct_settlement_line') }}
    where line_type = 'adjustment' and is_matched and is_order_line_type
    group by channel_id, external_order_key, order_line_no
),

settled as (
    select
        expectations.channel_id,
        expectations.external_order_key,
        expectations.order_line_no,
        max(expectations.order_id) as order_id,
        max(expectations.currency_code) as currency_code,
        sum(expectations.expected_amount_local) as expected_amount_local,
        sum(expectations.actual_amount_local) as paid_amount_local,
        bool_and(expectations.is_expectation_known) as is_expectation_known,
        min(expectations.shipped_ts) as shipped_ts,
        min(
            case
                when settlements.deposit_ts is not null then {{ reporting_date('settlements.deposit_ts') }}
                when settlements.payout_due_date < {{ reporting_date(as_of()) }} then settlements.payout_due_date
            end
        ) as payout_date,
        max(expectations.channel) as channel,
        max(expectations.region) as region,
        {{ min_by_keys('expectations._file_digest', ['expectations.expectation_key']) }} as _file_digest,
        {{ min_by_keys('expectations._line', ['expectations.expectation_key']) }} as _line
    from {{ ref('fct_settlement_expectation') }} as expectations
    inner join {{ ref('fct_settlement') }} as settlements
        on expectations.settlement_id = settlements.settlement_id
    group by expectations.channel_id, expectations.external_order_key, expectations.order_line_no
),

netted as (
    select
        settled.*,
        settled.paid_amount_local + coalesce(adjustments.amount_local, 0) as actual_amount_local,
        rates.reporting_rate
    from settled
    inner join {{ ref('fct_order') }} as orders
        on settled.order_id = orders.order_id
    left join adjustments
        on
            settled.channel_id = adjustments.channel_id
            and settled.external_order_key = adjustments.external_order_key
            and coalesce(settled.order_line_no, -1) = coalesce(adjustments.order_line_no, -1)
    left join {{ ref('int_finance__daily_rate') }} as rates
        on
            settled.currency_code = rates.currency_code
            and orders.order_date = rates.rate_date
    where settled.payout_date is not null
)

select
    concat_ws('|', channel_id, external_order_key, coalesce(cast(order_line_no as string), 'order')) as settled_key,
    case
        when not is_expectation_known then 'no_data:no_tax'
        when reporting_rate is null then 'no_data:no_rate'
    end as exclusion_reason,
    {{ money('abs(expected_amount_local) * reporting_rate') }} as expected_amount,
    {{ money('greatest(expected_amount_local - actual_amount_local, 0) * reporting_rate') }} as short_amount,
    {{ money('greatest(actual_amount_local - expected_amount_local, 0) * reporting_rate') }} as over_amount,
    payout_date,
    86400 * {{ days_between(reporting_date('shipped_ts'), 'payout_date') }} as payout_seconds,
    channel,
    region,
    'settlement_line' as source_entity,
    _file_digest,
    _line
from netted
