-- One row an approved item of a promotion in a channel: for how many seconds of the stretch in which its price must
-- be right the channel showed the right one (K50). The stretch is cut wherever an approved price begins or ends or
-- the channel shows another; one that ends as it begins has no part. Right is what price priority gives, without price
-- list the promotion's own price; shown is what went live last.
with

intents as (
    select *
    from {{ ref('int_kpi__promotion_intent') }}
    where exclusion_reason is null
),

prices as (
    select
        intents.promotion_line_key,
        listed.price_id,
        listed.price_amount_local,
        listed.priority_no,
        listed.location_id is not null as is_own_location,
        listed.valid_from_ts,
        greatest(listed.valid_from_ts, listed.approved_ts) as begin_ts,
        listed.valid_to_ts as end_ts
    from intents
    inner join {{ ref('fct_approved_price') }} as listed
        on
            intents.sku = listed.sku
            and intents.channel_id = listed.channel_id
            and coalesce(listed.location_id, '*') in ('*', intents.location_id)
            and intents.right_until_ts > listed.valid_from_ts
            and intents.right_from_ts < listed.valid_to_ts
),

shown as (
    select
        intents.promotion_line_key,
        published.publication_key,
        published.price_amount_local,
        published.live_ts as begin_ts,
        coalesce(published.ended_ts, cast('9999-12-31' as timestamp)) as end_ts
    from intents
    inner join {{ ref('fct_price_publication') }} as published
        on
            intents.sku = published.sku
            and intents.channel_id = published.channel_id
            and published.location_id in ('*', intents.location_id)
            and intents.right_until_ts > published.live_ts
            and intents.right_from_ts < coalesce(published.ended_ts, cast('9999-12-31' as timestamp))
),

changes as (
    select
        promotion_line_key,
        begin_ts as point_ts
    from prices
    union
    select
        promotion_line_key,
        end_ts as point_ts
    from prices
    union
    select
        promotion_line_key,
        begin_ts as point_ts
    from shown
    union
    select
        promotion_line_key,
        end_ts as point_ts
    from shown
    union
    select
        promotion_line_key,
        right_from_ts as point_ts
    from intents
),

segments as (
    select
        intents.promotion_line_key,
        intents.promotion_price_amount_local,
        changes.point_ts as from_ts,
        lead(changes.point_ts, 1, intents.right_until_ts) over (
            partition by intents.promotion_line_key order by changes.point_ts
        ) as until_ts
    from intents
    inner join changes
        on
            intents.promotion_line_key = changes.promotion_line_key
            and intents.right_from_ts <= changes.point_ts
            and intents.right_until_ts > changes.point_ts
),

right_prices as (
    select
        segments.promotion_line_key,
        segments.from_ts,
        prices.price_amount_local,
        row_number() over (
            partition by segments.promotion_line_key, segments.from_ts
            order by
                prices.priority_no desc, cast(prices.is_own_location as integer) desc, prices.valid_from_ts desc,
                prices.price_id desc
        ) as choice
    from segments
    inner join prices
        on
            segments.promotion_line_key = prices.promotion_line_key
            and segments.from_ts >= prices.begin_ts
            and segments.from_ts < prices.end_ts
),

shown_prices as (
    select
        segments.promotion_line_key,
        segments.from_ts,
        shown.price_amount_local,
        row_number() over (
            partition by segments.promotion_line_key, segments.from_ts
            order by shown.begin_ts desc, shown.publication_key desc
        ) as choice
    from segments
    inner join shown
        on
            segments.promotion_line_key = shown.promotion_line_key
            and segments.from_ts >= shown.begin_ts
            and segments.from_ts < shown.end_ts
),

judged as (
    select
        segments.promotion_line_key,
        {{ seconds_between('segments.from_ts', 'segments.until_ts') }} as segment_seconds,
        coalesce(right_prices.price_amount_local, segments.promotion_price_amount_local) as right_price_local,
        shown_prices.price_amount_local as shown_price_local
    from segments
    left join right_prices
        on
            segments.promotion_line_key = right_prices.promotion_line_key
            and segments.from_ts = right_prices.from_ts
            and right_prices.choice = 1
    left join shown_prices
        on
            segments.promotion_line_key = shown_prices.promotion_line_key
            and segments.from_ts = shown_prices.from_ts
            and shown_prices.choice = 1
)

select
    promotion_line_key,
    sum(segment_seconds) as whole_seconds,
    sum(case when abs(shown_price_local - right_price_local) <= 0.005 then segment_seconds else 0 end) as right_seconds,
    count(right_price_local) = count(*) as has_right_price
from judged
group by promotion_line_key
