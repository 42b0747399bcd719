-- One row an item of a side of a reconciliation stream, up to the build's instant, with what its stream asks of it:
-- until when it must match, and which difference passes.
with

items as (
    {%- for stream in ['sales', 'tax', 'gift_card', 'tender', 'settlement', 'refund', 'discount', 'stock'] %}
    select * from {{ ref('int_finance__reconcile_' ~ stream) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

dated as (
    select
        *,
        {{ reporting_date('transaction_ts') }} as transaction_date
    from items
    where transaction_ts <= {{ as_of() }} and document_key is not null and (amount <> 0 or amount is null)
)

select
    dated.*,
    {{ add_days('dated.transaction_date', 'streams.sla_days') }} as due_date,
    cast(
        greatest(streams.tolerance_amount, streams.tolerance_share * abs(coalesce(dated.amount, 0))) as decimal(18, 2)
    ) as tolerance_amount,
    streams.tolerance_amount as group_tolerance_amount,
    streams.tolerance_share
from dated
inner join {{ ref('dim_reconciliation_stream') }} as streams
    on
        dated.stream_code = streams.stream_code
        and dated.transaction_date between streams.valid_from_date and streams.valid_to_date
