-- One row a refund of a return line that did not fail, with whether its policy wants an inspection first (K63).
select
    refunds.refund_id,
    {{ reporting_date('refunds.refund_ts') }} as refund_date,
    case
        when not products.is_goods then 'out:not_goods'
        when not lines.requires_inspection then 'out:no_inspection_required'
    end as exclusion_reason,
    lines.inspected_ts is null or lines.inspected_ts > refunds.refund_ts as is_before_inspection,
    lines.channel,
    lines.location,
    lines.region,
    lines.category,
    refunds.source_entity,
    refunds._file_digest,
    refunds._line
from {{ ref('fct_refund') }} as refunds
inner join {{ ref('fct_return_line') }} as lines
    on refunds.return_key = lines.return_key
left join {{ ref('dim_product') }} as products
    on lines.sku = products.sku
where refunds.status_code <> 'failed'
