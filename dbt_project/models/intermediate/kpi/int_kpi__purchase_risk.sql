-- One row an open purchase-order line with when it is expected (K89): as its ship notice says, else after the days in
-- which four of five lines of the supplier came, else after the quoted ones; never before now.
with

ranked as (
    select
        supplier_id,
        lead_time_days,
        count(*) over (partition by supplier_id) as line_count,
        row_number() over (partition by supplier_id order by lead_time_days, po_line_key) as place_no
    from {{ ref('fct_purchase_order_line') }}
    where lead_time_days is not null
),

lead_times as (
    select
        supplier_id,
        min(lead_time_days) as lead_time_days
    from ranked
    where place_no * 5 >= line_count * 4
    group by supplier_id
),

notices as (
    select
        {{ line_key('po_id', 'po_line_no') }} as po_line_key,
        max(eta_ts) as eta_ts
    from {{ ref('stg_edi__asn_line') }}
    group by po_id, po_line_no
)

select
    lines.po_line_key,
    lines.requested_date as need_by_date,
    greatest(
        coalesce(
            {{ reporting_date('notices.eta_ts') }},
            {{ add_days(
                reporting_date('lines.po_sent_ts'), 'coalesce(lead_times.lead_time_days, lines.quoted_lead_time_days)'
            ) }}
        ),
        {{ reporting_date(as_of()) }}
    ) as expected_date,
    lines.open_qty,
    cast(products.list_price_amount - lines.unit_cost_amount as decimal(18, 4)) as unit_margin_amount,
    lines.location,
    lines.region,
    lines.category,
    lines.supplier,
    lines.source_entity,
    lines._file_digest,
    lines._line
from {{ ref('fct_purchase_order_line') }} as lines
left join notices
    on lines.po_line_key = notices.po_line_key
left join lead_times
    on lines.supplier_id = lead_times.supplier_id
left join {{ ref('dim_product') }} as products
    on lines.sku = products.sku
where lines.open_qty > 0
