-- One row an operational event that requires a journal: a sale, its cost of goods, a refund or a marketplace fee of a
-- document on a day, with whether it has exactly one live journal of its amount, and within 24 hours (K82). Where the
-- ledger names the document, its journals are counted, reversed ones taken off. Where it posts totals by channel and
-- day, these stand for the events that no journal names: the latest of a day that make up the difference between the
-- total and them are not posted.
-- first_posted_ts tells since when an event has a posting at all: of a total that lacks something, the latest events
-- of which the larger part lacks have none.
with totals as (
    select
        step_code,
        channel,
        posted_date,
        sum(amount) as amount,
        max(posted_ts) as posted_ts,
        max(first_received_ts) as known_ts
    from {{ ref('fct_gl_posting') }}
    where source_id is null
    group by step_code, channel, posted_date
),

journals as (
    select
        step_code,
        source_id,
        abs(amount) as size_amount,
        sum(sign(amount)) as live_count,
        max(posted_ts) as posted_ts,
        case when count(*) = abs(sum(sign(amount))) then min(posted_ts) else max(posted_ts) end as first_posted_ts,
        max(first_received_ts) as known_ts
    from {{ ref('fct_gl_posting') }}
    where source_id is not null
    group by step_code, source_id, abs(amount)
),

documents as (
    select distinct
        step_code,
        source_id
    from journals
),

ledger as (
    select count(*) > 0 as has_ledger
    from {{ ref('fct_gl_posting') }}
),

events as (
    select
        step_code,
        coalesce(order_id, split_part(item_key, '|', 1)) as document_id,
        posting_date,
        channel,
        max(posting_ts) as event_ts,
        sum(amount) as amount,
        count(amount) = count(*) as has_amount,
        max(received_ts) as known_ts,
        max(region) as region,
        min(source_entity) as source_entity,
        min(_file_digest) as _file_digest,
        {{ min_by_keys('_line', ['_file_digest', '_line']) }} as _line
    from {{ ref('fct_contribution') }}
    where step_code in ('gross_sales', 'cogs', 'refund', 'marketplace_fee')
    group by step_code, coalesce(order_id, split_part(item_key, '|', 1)), posting_date, channel
),

summed as (
    select
        events.*,
        documents.source_id,
        {{ add_seconds('events.event_ts', '24 * 3600') }} as due_ts,
        sum(case when documents.source_id is null then events.amount else 0 end) over (
            partition by events.step_code, events.channel, events.posting_date
        ) as day_amount,
        sum(case when documents.source_id is null then abs(events.amount) else 0 end) over (
            partition by events.step_code, events.channel, events.posting_date
            order by events.event_ts desc, events.document_id desc rows unbounded preceding
        ) as size_upto,
        count(*) over (partition by events.step_code, events.document_id, events.amount) as equal_count,
        row_number() over (
            partition by events.step_code, events.document_id, events.amount
            order by events.event_ts, events.posting_date, events.channel
        ) as equal_rank
    from events
    left join documents
        on
            events.step_code = documents.step_code
            and events.document_id = documents.source_id
    where events.amount <> 0 or events.amount is null
)

select
    concat_ws('|', summed.step_code, summed.document_id, cast(summed.posting_date as string), summed.channel)
        as event_key,
    case
        when not ledger.has_ledger then 'no_data:no_ledger'
        when not summed.has_amount then 'no_data:no_amount'
    end as exclusion_reason,
    case
        when summed.source_id is not null
            then coalesce(
                journals.live_count = sign(summed.amount) * summed.equal_count
                and journals.posted_ts <= summed.due_ts,
                false
            )
        else coalesce(
            (
                abs(totals.amount - summed.day_amount) <= 0.01
                or summed.size_upto - abs(summed.amount) >= abs(totals.amount - summed.day_amount)
            )
            and sign(totals.amount) = sign(summed.day_amount)
            and totals.posted_ts <= summed.due_ts,
            false
        )
    end as is_posted,
    summed.due_ts,
    summed.step_code,
    summed.document_id,
    summed.posting_date,
    summed.event_ts,
    summed.known_ts as event_known_ts,
    summed.amount,
    summed.equal_count,
    case
        when summed.source_id is null
            then case
                when
                    sign(totals.amount) = sign(summed.day_amount)
                    and 2 * (abs(summed.day_amount) - abs(totals.amount)) <= 2 * summed.size_upto - abs(summed.amount)
                    then totals.posted_ts
            end
        when journals.live_count * sign(summed.amount) >= summed.equal_rank then journals.first_posted_ts
    end as first_posted_ts,
    case when summed.source_id is null then totals.known_ts else journals.known_ts end as posting_known_ts,
    summed.channel,
    summed.region,
    case summed.step_code
        when 'gross_sales' then 'sales'
        when 'cogs' then 'stock_to_ledger'
        when 'refund' then 'refund'
        else 'settlement'
    end as stream,
    case summed.step_code
        when 'cogs' then 'inventory-to-replenishment'
        when 'refund' then 'return-to-refund'
        else 'order-to-cash'
    end as process,
    summed.source_entity,
    summed._file_digest,
    summed._line
from summed
cross join ledger
left join journals
    on
        summed.step_code = journals.step_code
        and summed.document_id = journals.source_id
        and abs(summed.amount) = journals.size_amount
left join totals
    on
        summed.step_code = totals.step_code
        and summed.channel = totals.channel
        and summed.posting_date = totals.posted_date
