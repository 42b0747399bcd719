-- One row a sold line, of an order or a till, on which a promotion should have applied or did: what was charged and
-- what the approved price asks for, in transaction currency and on the price list's tax basis (K53). A difference of
-- more than half a minor unit a unit is an error.
with sold as (
    select
        'order|' || scope.order_line_key as sale_key,
        scope.sku,
        scope.channel_id,
        scope.pickup_location_id as price_location_id,
        scope.order_ts as sale_ts,
        scope.order_date as sale_date,
        scope.latest_qty as quantity,
        scope.gross_amount - scope.discount_amount as charged_amount_local,
        scope.currency_code,
        lines.promotion,
        lines.channel,
        lines.location,
        lines.region,
        lines.category,
        lines.source_entity,
        lines._file_digest,
        lines._line
    from {{ ref('int_order__line_scope') }} as scope
    inner join {{ ref('fct_order_line') }} as lines
        on scope.order_line_key = lines.order_line_key
    where
        not scope.is_test
        and not scope.is_kit_component
        and not scope.is_substitute
        and scope.order_type <> 'replacement'
        and scope.latest_qty > 0

    union all

    select
        'till|' || sales.transaction_line_key as sale_key,
        sales.sku,
        channels.channel_id,
        sales.location_id as price_location_id,
        sales.sale_ts,
        sales.sale_date,
        sales.quantity,
        lines.gross_amount - lines.discount_amount as charged_amount_local,
        transactions.currency_code,
        sales.promotion,
        sales.channel,
        sales.location,
        sales.region,
        sales.category,
        sales.source_entity,
        sales._file_digest,
        sales._line
    from {{ ref('fct_store_sale_line') }} as sales
    cross join {{ ref('int_sales__store_channel') }} as channels
    inner join {{ ref('stg_pos__pos_transaction_line') }} as lines
        on
            sales.transaction_id = lines.transaction_id
            and sales.line_no = lines.line_no
    inner join {{ ref('stg_pos__pos_transaction') }} as transactions
        on sales.transaction_id = transactions.transaction_id
    where sales.transaction_type = 'sale' and sales.quantity > 0
),

ranked as (
    select
        sold.sale_key,
        prices.price_amount_local,
        prices.currency_code,
        prices.price_type,
        prices.promotion_id,
        row_number() over (
            partition by sold.sale_key
            order by
                prices.priority_no desc, coalesce(prices.location_id, '') desc, prices.valid_from_ts desc,
                prices.price_id desc
        ) as choice
    from sold
    inner join {{ ref('fct_approved_price') }} as prices
        on
            sold.sku = prices.sku
            and sold.channel_id = prices.channel_id
            and coalesce(prices.location_id, '*') in ('*', coalesce(sold.price_location_id, '*'))
            and sold.sale_ts >= prices.valid_from_ts
            and sold.sale_ts < prices.valid_to_ts
            and sold.sale_ts >= prices.approved_ts
),

compared as (
    select
        sold.*,
        ranked.price_type,
        ranked.promotion_id as approved_promotion_id,
        case when ranked.currency_code = sold.currency_code then ranked.price_amount_local end as approved_price_local,
        sold.charged_amount_local - sold.quantity * ranked.price_amount_local as difference_amount_local,
        rates.reporting_rate
    from sold
    left join ranked
        on
            sold.sale_key = ranked.sale_key
            and ranked.choice = 1
    left join {{ ref('int_finance__daily_rate') }} as rates
        on
            sold.currency_code = rates.currency_code
            and sold.sale_date = rates.rate_date
    where ranked.price_type = 'promotion' or sold.promotion <> 'NONE'
)

select
    sale_key,
    sale_date,
    case
        when approved_price_local is null then 'no_data:no_price'
        when reporting_rate is null then 'no_data:no_rate'
    end as exclusion_reason,
    abs(difference_amount_local) > 0.005 * quantity as is_error,
    {{ money('difference_amount_local * reporting_rate') }} as difference_amount,
    channel,
    location,
    region,
    category,
    case when promotion = 'NONE' then coalesce(approved_promotion_id, 'NONE') else promotion end as promotion,
    source_entity,
    _file_digest,
    _line
from compared
