-- Grain: one component of an order line, till line, document line or channel at its posting. amount is signed from
-- our view (positive raises contribution) and adds up over everything: Σ = contribution, Σ is_net_sales = net
-- sales, Σ is_gross_margin = gross margin. quantity repeats on the components of one posting and must not be summed
-- across steps.
with

postings as (
    {%- for source_name in [
        'sale', 'cost', 'shipping', 'freight', 'payment', 'marketplace', 'refund', 'return', 'store_sale', 'store_fee', 'document'
    ] %}
    select * from {{ ref('int_finance__posting_' ~ source_name) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select
    contribution_id,
    step_code,
    detail_code,
    amount,
    missing_code,
    quantity,
    posting_ts,
    posting_date,
    item_kind_code,
    item_key,
    order_id,
    order_ts,
    order_date,
    sku,
    step_code in ('gross_sales', 'funded_discount', 'unfunded_discount', 'refund') as is_net_sales,
    step_code in (
        'gross_sales', 'funded_discount', 'unfunded_discount', 'refund', 'cogs', 'supplier_funding', 'return_writedown'
    ) as is_gross_margin,
    is_standard_cost,
    channel,
    location,
    region,
    category,
    supplier,
    promotion,
    order_type,
    source_entity,
    _file_digest,
    _line,
    received_ts
from postings
where posting_ts <= {{ as_of() }}
