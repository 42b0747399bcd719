-- Grain: one tax code of an order line. Taxable amounts of different codes on one line overlap and must not be summed.
select
    order_line_key,
    tax_code,
    order_id,
    line_no,
    taxable_amount_local,
    tax_amount_local,
    recomputed_tax_amount_local,
    rate_share,
    cast(tax_amount_local - recomputed_tax_amount_local as decimal(18, 2)) as difference_amount_local,
    remitter_code,
    event_ts,
    {{ evidence('tax_line', 'checked') }}
from {{ ref('int_order__tax_check') }} as checked
