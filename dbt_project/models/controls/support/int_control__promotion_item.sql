-- Grain: one item of a promotion in a channel (or one location of it), with what its price is worth: the difference to
-- the price without the promotion over the units planned. The tolerance is K50's: that of the channel, at most a
-- twentieth of the duration. A promotion that was withdrawn ends then.
{{ config(contract={"enforced": false}) }}

with withdrawals as (

    select
        promotion_id,
        min(updated_ts) as withdrawn_ts,
        min(received_ts) as withdrawn_known_ts
    from {{ source("raw", "promotion") }}
    where status_code = 'withdrawn'
    group by promotion_id

),

lines as (

    select
        *,
        {{ reporting_date("starts_ts") }} as start_date,
        {{ seconds_between("starts_ts", "ends_ts") }} as duration_seconds
    from {{ ref("fct_promotion_line") }}

),

usual_prices as (

    select
        lines.promotion_line_key,
        {{ max_by_keys(
            "listed.price_amount_local", ["listed.priority_no", "listed.valid_from_ts", "listed.price_id"]
        ) }} as usual_amount_local
    from lines
    inner join {{ ref("fct_approved_price") }} as listed
        on
            lines.sku = listed.sku
            and lines.channel_id = listed.channel_id
            and lines.currency_code = listed.currency_code
    where
        listed.price_type <> 'promotion'
        and coalesce(listed.location_id, '*') in ('*', lines.location_id)
        and lines.starts_ts >= listed.valid_from_ts
        and lines.starts_ts < listed.valid_to_ts
    group by lines.promotion_line_key

),

priced as (

    select
        lines.*,
        usual_prices.usual_amount_local,
        coalesce(
            lines.promotion_price_amount_local, usual_prices.usual_amount_local * (1 - lines.discount_share)
        ) as right_amount_local,
        rates.reporting_rate,
        levels.tolerance_minutes,
        withdrawals.withdrawn_ts,
        withdrawals.withdrawn_known_ts
    from lines
    left join usual_prices on lines.promotion_line_key = usual_prices.promotion_line_key
    left join withdrawals on lines.promotion_id = withdrawals.promotion_id and lines.status_code = 'withdrawn'
    left join {{ ref("int_finance__daily_rate") }} as rates
        on lines.currency_code = rates.currency_code and lines.start_date = rates.rate_date
    left join {{ ref("dim_price_service_level") }} as levels
        on
            lines.channel_id = levels.channel_id
            and lines.start_date >= levels.valid_from_date
            and lines.start_date <= levels.valid_to_date

)

select
    promotion_line_key,
    concat_ws('|', promotion_id, channel_id, location_id) as promotion_place_key,
    promotion_id,
    sku,
    channel_id,
    location_id,
    status_code,
    approved_ts,
    starts_ts,
    ends_ts,
    duration_seconds,
    withdrawn_ts,
    withdrawn_known_ts,
    case
        when tolerance_minutes is not null
            then least(tolerance_minutes * 60, cast(floor(cast(duration_seconds as double) / 20) as bigint))
    end as tolerance_seconds,
    right_amount_local,
    usual_amount_local,
    currency_code,
    planned_qty,
    discount_share,
    funding_share,
    reporting_rate,
    {{ money("(usual_amount_local - right_amount_local) * planned_qty * reporting_rate") }} as planned_discount_amount,
    channel,
    location,
    region,
    category,
    promotion,
    first_received_ts,
    _file_digest,
    _line
from priced
