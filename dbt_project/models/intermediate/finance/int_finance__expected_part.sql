-- One row a part of a marketplace order line that was handed over: what the marketplace owes for it, in the order's
-- currency. Principal ex tax, less discounts that we fund, plus tax that we remit, less fees by the schedule; the
-- fixed fee falls on the line's first part.
with

remitted as (
    select
        {{ line_key('order_id', 'line_no') }} as order_line_key,
        sum(tax_amount) as tax_amount_local
    from {{ ref('stg_oms__tax_line') }}
    where remitter_code = 'retailer'
    group by order_id, line_no
),

parts as (
    select
        issues.order_line_key,
        issues.part_key,
        issues.issued_ts,
        issues.issued_date,
        lines.order_id,
        lines.line_no,
        lines.external_order_key,
        lines.channel_id,
        lines.category,
        issues.before_qty = 0 as is_first_part,
        {{ cumulative_part('amounts.net_amount_local + amounts.discount_amount_local',
            'issues.upto_qty', 'issues.before_qty', 'issues.priced_qty') }} as principal_amount_local,
        -{{ cumulative_part('amounts.discount_amount_local - amounts.marketplace_funded_amount_local',
            'issues.upto_qty', 'issues.before_qty', 'issues.priced_qty') }} as discount_amount_local,
        {{ cumulative_part('coalesce(remitted.tax_amount_local, 0)',
            'issues.upto_qty', 'issues.before_qty', 'issues.priced_qty') }} as tax_amount_local
    from {{ ref('int_finance__goods_issue') }} as issues
    inner join {{ ref('fct_order_line') }} as lines
        on issues.order_line_key = lines.order_line_key
    inner join {{ ref('dim_channel') }} as channels
        on
            lines.channel_id = channels.channel_id
            and channels.channel_type = 'marketplace'
    inner join {{ ref('int_order__line_money') }} as amounts
        on issues.order_line_key = amounts.order_line_key
    left join remitted
        on issues.order_line_key = remitted.order_line_key
    where issues.upto_qty > issues.before_qty
),

charged as (
    select
        parts.order_line_key,
        parts.part_key,
        -sum({{ scheduled_fee('parts', 'fees') }}) as fee_amount_local
    from parts
    inner join {{ ref('int_finance__scheduled_fee') }} as fees
        on
            parts.channel_id = fees.channel_id
            and parts.category = fees.category
            and parts.issued_date >= fees.valid_from_date
            and parts.issued_date < fees.valid_to_date
    group by parts.order_line_key, parts.part_key
)

select
    parts.*,
    cast(coalesce(charged.fee_amount_local, 0) as decimal(18, 2)) as fee_amount_local
from parts
left join charged
    on
        parts.order_line_key = charged.order_line_key
        and parts.part_key = charged.part_key
