-- One row an invoiced order line, and one a refund of an order line: the tax charged and the tax recomputed from its
-- base and the rate that its code had on the day (K76). Several codes of a line count together. A refund is
-- recomputed with the rate of its sale, that of a kit's part with the kit's.
with documents as (
    select
        order_line_key,
        min(issued_ts) as invoiced_ts
    from {{ ref('fct_order_document_line') }}
    where document_type in ('invoice', 'receipt')
    group by order_line_key
),

taxes as (
    select
        order_line_key,
        sum(tax_amount_local) as charged_amount_local,
        case when count(recomputed_tax_amount_local) = count(*) then sum(recomputed_tax_amount_local) end
            as recomputed_amount_local,
        case when count(rate_share) = count(*) then sum(rate_share) end as rate_share,
        bool_or(remitter_code = 'marketplace') as is_remitted_by_marketplace
    from {{ ref('fct_tax_line') }}
    group by order_line_key
),

evidence as (
    select count(*) > 0 as has_tax_line
    from {{ ref('fct_landing_file') }}
    where status_code = 'landed' and entity = 'tax_line'
),

items as (
    select
        'sale|' || lines.order_line_key as tax_key,
        lines.order_line_key,
        lines.order_line_key as taxed_line_key,
        {{ reporting_date('documents.invoiced_ts') }} as item_date,
        taxes.charged_amount_local,
        taxes.recomputed_amount_local,
        lines.source_entity,
        lines._file_digest,
        lines._line
    from {{ ref('fct_order_line') }} as lines
    inner join documents
        on lines.order_line_key = documents.order_line_key
    left join taxes
        on lines.order_line_key = taxes.order_line_key

    union all

    select
        'refund|' || refunds.refund_id as tax_key,
        refunds.order_line_key,
        coalesce(scope.kit_parent_key, refunds.order_line_key) as taxed_line_key,
        refunds.refund_date as item_date,
        refunds.tax_amount as charged_amount_local,
        {{ money('(refunds.amount - refunds.tax_amount) * taxes.rate_share') }} as recomputed_amount_local,
        'refund' as source_entity,
        refunds._file_digest,
        refunds._line
    from {{ ref('int_returns__refund') }} as refunds
    left join {{ ref('int_order__line_scope') }} as scope
        on refunds.order_line_key = scope.order_line_key
    left join taxes
        on coalesce(scope.kit_parent_key, refunds.order_line_key) = taxes.order_line_key
    where refunds.status_code in ('issued', 'settled')
)

select
    items.tax_key,
    items.item_date,
    case
        when lines.is_test then 'out:test'
        when taxes.is_remitted_by_marketplace then 'out:marketplace_remits'
        when not evidence.has_tax_line then 'no_data:no_tax_feed'
    end as exclusion_reason,
    items.recomputed_amount_local is null as is_missing,
    rates.reporting_rate is not null as has_rate,
    case
        when abs(items.charged_amount_local - items.recomputed_amount_local) > 0.01
            then {{ money('abs(items.charged_amount_local - items.recomputed_amount_local) * rates.reporting_rate') }}
        else 0
    end as variance_amount,
    {{ money('abs(items.recomputed_amount_local) * rates.reporting_rate') }} as recomputed_amount,
    lines.channel,
    lines.region,
    lines.category,
    items.source_entity,
    items._file_digest,
    items._line
from items
inner join {{ ref('fct_order_line') }} as lines
    on items.order_line_key = lines.order_line_key
cross join evidence
left join taxes
    on items.taxed_line_key = taxes.order_line_key
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        lines.currency_code = rates.currency_code
        and lines.order_date = rates.rate_date
