-- One row a received return line: what was wrong with its credit memo five days after the receipt (K64): missing,
-- posted before a required inspection, or in another fiscal period than the receipt (than the refund, if that came
-- first). Without a calendar of the legal entity a period is a calendar month.
with

receipts as (
    select
        lines.*,
        {{ reporting_date('lines.goods_received_ts') }} as goods_received_date,
        {{ reporting_date('least(lines.goods_received_ts, coalesce(lines.first_refund_ts, lines.goods_received_ts))') }}
            as first_event_date,
        {{ reporting_date('lines.credit_memo_posted_ts') }} as credit_memo_posted_date,
        {{ add_seconds('lines.goods_received_ts', 5 * 86400) }} as due_ts,
        locations.legal_entity_id,
        products.is_goods
    from {{ ref('fct_return_line') }} as lines
    left join {{ ref('dim_location') }} as locations
        on lines.location = locations.location_id
    left join {{ ref('dim_product') }} as products
        on lines.sku = products.sku
    where lines.goods_received_ts is not null
),

judged as (
    select
        receipts.*,
        coalesce(
            event_periods.fiscal_period, {{ month_text('receipts.first_event_date') }}
        ) as event_period,
        coalesce(
            memo_periods.fiscal_period, {{ month_text('receipts.credit_memo_posted_date') }}
        ) as memo_period
    from receipts
    left join {{ ref('dim_fiscal_period') }} as event_periods
        on
            receipts.legal_entity_id = event_periods.legal_entity_id
            and receipts.first_event_date between event_periods.start_date and event_periods.end_date
    left join {{ ref('dim_fiscal_period') }} as memo_periods
        on
            receipts.legal_entity_id = memo_periods.legal_entity_id
            and receipts.credit_memo_posted_date between memo_periods.start_date and memo_periods.end_date
)

select
    return_key,
    due_ts,
    {{ reporting_date('due_ts') }} as due_date,
    case
        when not is_goods then 'out:not_goods'
        when status_code = 'refused' or coalesce(inspection_result_code, '') = 'refused' then 'out:refused'
    end as exclusion_reason,
    case
        when coalesce(credit_memo_posted_ts > due_ts, true) then 'missing'
        when requires_inspection and coalesce(inspected_ts > credit_memo_posted_ts, true) then 'before_inspection'
        when memo_period <> event_period then 'other_period'
    end as error_code,
    channel,
    location,
    region,
    source_entity,
    _file_digest,
    _line
from judged
