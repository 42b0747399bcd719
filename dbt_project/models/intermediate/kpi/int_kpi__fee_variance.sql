-- One row a kind of fee of an order line (or of none) on a statement: what was charged and what the schedule says,
-- positive (K75.fee). A kind that the channel's schedule does not know cannot vary from it; what is on no statement yet
-- has no row.
with scheduled as (
    select
        events.settlement_id,
        events.external_order_key,
        events.line_no as order_line_no,
        fees.fee_type,
        max(events.order_id) as order_id,
        sum(fees.fee_amount_local) as scheduled_amount_local
    from {{ ref('int_finance__expected_event') }} as events
    inner join {{ ref('int_finance__expected_fee') }} as fees
        on events.event_key = fees.event_key
    group by events.settlement_id, events.external_order_key, events.line_no, fees.fee_type
),

charged as (
    select
        settlement_id,
        coalesce(external_order_key, 'NONE') as external_order_key,
        order_line_no,
        coalesce(fee_type, 'UNKNOWN') as fee_type,
        max(order_id) as order_id,
        bool_or(is_order_line_type and not is_matched) as is_unknown_order,
        -sum(amount) as charged_amount,
        count(amount) = count(*) as has_rate,
        max(region) as region,
        min(_file_digest) as _file_digest,
        {{ min_by_keys('_line', ['_file_digest', '_line']) }} as _line
    from {{ ref('int_finance__settled_part') }}
    where line_type = 'fee'
    group by
        settlement_id, coalesce(external_order_key, 'NONE'), order_line_no, coalesce(fee_type, 'UNKNOWN')
),

compared as (
    select
        coalesce(charged.settlement_id, scheduled.settlement_id) as settlement_id,
        coalesce(charged.external_order_key, scheduled.external_order_key) as external_order_key,
        coalesce(charged.order_line_no, scheduled.order_line_no) as order_line_no,
        coalesce(charged.fee_type, scheduled.fee_type) as fee_type,
        coalesce(charged.order_id, scheduled.order_id) as order_id,
        coalesce(charged.is_unknown_order, false) as is_unknown_order,
        coalesce(charged.has_rate, true) as has_rate,
        coalesce(charged.charged_amount, 0) as charged_amount,
        coalesce(scheduled.scheduled_amount_local, 0) as scheduled_amount_local,
        charged.region,
        charged._file_digest,
        charged._line
    from charged
    full outer join scheduled
        on
            charged.settlement_id = scheduled.settlement_id
            and charged.external_order_key = scheduled.external_order_key
            and coalesce(charged.order_line_no, -1) = coalesce(scheduled.order_line_no, -1)
            and charged.fee_type = scheduled.fee_type
),

kinds as (
    select distinct
        channel_id,
        fee_type
    from {{ ref('int_finance__scheduled_fee') }}
)

select
    concat_ws(
        '|', compared.settlement_id, compared.external_order_key,
        coalesce(cast(compared.order_line_no as string), 'order'), compared.fee_type
    ) as fee_key,
    case
        when kinds.fee_type is null then 'out:not_scheduled'
        when compared.is_unknown_order then 'no_data:unknown_order'
        when not compared.has_rate or (orders.order_id is not null and rates.reporting_rate is null)
            then 'no_data:no_rate'
    end as exclusion_reason,
    cast(compared.charged_amount as decimal(18, 2)) as charged_amount,
    {{ money('compared.scheduled_amount_local * coalesce(rates.reporting_rate, 1)') }} as scheduled_amount,
    case
        when settlements.deposit_ts is not null then {{ reporting_date('settlements.deposit_ts') }}
        when settlements.payout_due_date < {{ reporting_date(as_of()) }} then settlements.payout_due_date
    end as payout_date,
    compared.fee_type as reason,
    settlements.channel,
    coalesce(compared.region, orders.region, 'NONE') as region,
    'settlement_line' as source_entity,
    coalesce(compared._file_digest, settlements._file_digest) as _file_digest,
    coalesce(compared._line, settlements._line) as _line
from compared
inner join {{ ref('fct_settlement') }} as settlements
    on compared.settlement_id = settlements.settlement_id
left join kinds
    on
        settlements.channel_id = kinds.channel_id
        and compared.fee_type = kinds.fee_type
left join {{ ref('fct_order') }} as orders
    on compared.order_id = orders.order_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        orders.currency_code = rates.currency_code
        and orders.order_date = rates.rate_date
