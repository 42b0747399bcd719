-- A returned row is an order line of which every unit was handed over and whose posted sales less discounts differ
-- from its net amount by more than the rounding of its conversions: half a minor unit a posting, none in the
-- reporting currency.
with

handed_over as (
    select
        order_line_key,
        max(upto_qty) as upto_qty,
        max(priced_qty) as priced_qty
    from {{ ref('int_finance__goods_issue') }}
    where issued_ts <= {{ as_of() }}
    group by order_line_key
),

posted as (
    select
        item_key as order_line_key,
        sum(amount) as posted_amount,
        count(*) as posting_count
    from {{ ref('fct_contribution') }}
    where
        item_kind_code = 'order_line'
        and step_code in ('gross_sales', 'funded_discount', 'unfunded_discount')
    group by item_key
)

select
    lines.order_line_key,
    lines.net_amount,
    posted.posted_amount
from handed_over
inner join {{ ref('fct_order_line') }} as lines
    on handed_over.order_line_key = lines.order_line_key
left join posted
    on handed_over.order_line_key = posted.order_line_key
where
    handed_over.upto_qty = handed_over.priced_qty
    and lines.net_amount is not null
    and abs(lines.net_amount - coalesce(posted.posted_amount, 0))
    > case
        when lines.currency_code = {{ reporting_currency() }} then 0
        else 0.005 * (coalesce(posted.posting_count, 0) + 1)
    end
