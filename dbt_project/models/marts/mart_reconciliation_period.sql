-- Grain: one reconciliation stream of a legal entity in a fiscal period that has begun: what its items are worth,
-- what of it is cleared, what is open by age, and how far the close is. Amounts add up over entities and periods,
-- never over streams, which tell of the same money.
with items as (
    select
        items.*,
        coalesce(periods.fiscal_period, {{ month_text('items.transaction_date') }}) as fiscal_period,
        periods.end_date,
        case when items.side_code = 'reference' then items.size_amount else items.open_amount end as asked_amount,
        case when items.side_code = 'reference' then items.matched_amount else 0 end as cleared_amount,
        {{ days_between('items.transaction_date', reporting_date(as_of())) }} as age_days
    from {{ ref('fct_reconciliation_item') }} as items
    left join {{ ref('dim_fiscal_period') }} as periods
        on
            items.legal_entity_id = periods.legal_entity_id
            and items.transaction_date between periods.start_date and periods.end_date
    where items.side_code = 'reference' or items.open_amount > 0
),

summed as (
    select
        stream,
        legal_entity_id,
        fiscal_period,
        max(end_date) as end_date,
        max(region) as region,
        count(*) as item_count,
        count(*) filter (where not is_cleared) as open_count,
        count(*) filter (where amount is null) as unvalued_count,
        sum(coalesce(asked_amount, 0)) as asked_amount,
        sum(coalesce(cleared_amount, 0)) as cleared_amount,
        sum(coalesce(open_amount, 0)) as open_amount,
        sum(case when age_days <= 7 then coalesce(open_amount, 0) else 0 end) as open_up_to_7_days_amount,
        sum(case when age_days > 7 and age_days <= 30 then coalesce(open_amount, 0) else 0 end)
            as open_8_to_30_days_amount,
        sum(case when age_days > 30 then coalesce(open_amount, 0) else 0 end) as open_over_30_days_amount,
        {{ min_by_keys('_file_digest', ['item_key']) }} as _file_digest,
        {{ min_by_keys('_line', ['item_key']) }} as _line,
        {{ min_by_keys('source_entity', ['item_key']) }} as source_entity
    from items
    group by stream, legal_entity_id, fiscal_period
),

ended as (
    select
        legal_entity_id,
        max(end_date) as last_end_date
    from {{ ref('dim_fiscal_period') }}
    where end_date < {{ reporting_date(as_of()) }}
    group by legal_entity_id
)

select
    summed.stream,
    summed.legal_entity_id,
    summed.fiscal_period,
    summed.end_date,
    summed.region,
    coalesce(states.state_code, 'not_started') as state_code,
    states.signed_by,
    states.signed_ts,
    coalesce(summed.end_date < {{ reporting_date(as_of()) }}, false) as is_ended,
    coalesce(summed.end_date = ended.last_end_date, false) as is_last_ended,
    summed.item_count,
    summed.open_count,
    summed.unvalued_count,
    cast(summed.asked_amount as decimal(18, 2)) as asked_amount,
    cast(summed.cleared_amount as decimal(18, 2)) as cleared_amount,
    cast(summed.open_amount as decimal(18, 2)) as open_amount,
    cast(summed.open_up_to_7_days_amount as decimal(18, 2)) as open_up_to_7_days_amount,
    cast(summed.open_8_to_30_days_amount as decimal(18, 2)) as open_8_to_30_days_amount,
    cast(summed.open_over_30_days_amount as decimal(18, 2)) as open_over_30_days_amount,
    summed.source_entity,
    summed._file_digest,
    summed._line
from summed
left join ended
    on summed.legal_entity_id = ended.legal_entity_id
left join {{ ref('fct_sign_off') }} as states
    on
        summed.stream = states.stream_code
        and summed.legal_entity_id = states.legal_entity_id
        and summed.fiscal_period = states.fiscal_period
