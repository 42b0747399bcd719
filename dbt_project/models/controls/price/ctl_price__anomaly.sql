-- Grain: one stretch of a price in a channel or location that is not above zero, or that nobody approved so. E47b: not
-- above zero, or off the median of the 28 days before by the limit. Approved is what the price list or a promotion has,
-- give or take a minor unit for rounding; where neither knows the item in the channel, an intent with an approval.
-- Other prices have no row.
with shown as (

    select
        *,
        {{ reporting_date("from_ts") }} as from_date,
        publication_key || '|' || {{ control_instant("from_ts") }} as stretch_key
    from {{ ref("int_control__price_shown") }}

),

intents as (

    select
        sku,
        channel_id,
        coalesce(location_id, '*') as location_id,
        promotion_id,
        price_amount_local as amount_local,
        approved_ts,
        valid_to_ts,
        first_received_ts as known_ts
    from {{ ref("fct_approved_price") }}
    union all
    select
        sku,
        channel_id,
        location_id,
        promotion_id,
        right_amount_local as amount_local,
        approved_ts,
        ends_ts as valid_to_ts,
        first_received_ts as known_ts
    from {{ ref("int_control__promotion_item") }}
    where approved_ts is not null

),

compared as (

    select
        shown.stretch_key,
        count(*) as intent_count,
        min(case when abs(shown.shown_amount_local - intents.amount_local) <= 0.01 then intents.approved_ts end)
            as agreed_ts,
        min(case when abs(shown.shown_amount_local - intents.amount_local) <= 0.01 then intents.known_ts end)
            as agreed_known_ts
    from shown
    inner join intents on shown.sku = intents.sku and shown.channel_id = intents.channel_id
    where
        intents.location_id in ('*', shown.location_id)
        and (intents.valid_to_ts > shown.from_ts or intents.promotion_id = shown.promotion_id)
    group by shown.stretch_key

),

candidates as (

    select
        shown.*,
        case when compared.intent_count > 0 then compared.agreed_ts else shown.approved_ts end as agreed_ts,
        case when compared.intent_count > 0 then compared.agreed_known_ts else shown.from_known_ts end
            as agreed_known_ts,
        {{ control_threshold("deviation", ["location", "channel"]) }} as threshold_value,
        {{ control_threshold("horizon", ["location", "channel"]) }} as horizon_days
    from shown
    left join compared on shown.stretch_key = compared.stretch_key
    {{ control_threshold_joins(
        "E47b",
        ["deviation", "horizon"],
        at="shown.from_ts",
        scopes={"channel": "shown.channel", "location": "shown.location"}
    ) }}
    where
        shown.shown_amount_local <= 0
        or coalesce(
            case when compared.intent_count > 0 then compared.agreed_ts else shown.approved_ts end > shown.from_ts, true
        )

),

{# The price at the end of each of the 28 days before: what went live last. #}
daily_prices as (

    select
        candidates.stretch_key,
        days.date_day,
        {{ max_by_keys("earlier.shown_amount_local", ["earlier.from_ts", "earlier.publication_key"]) }} as amount_local
    from candidates
    inner join {{ ref("dim_date") }} as days
        on
            candidates.from_date > days.date_day
            and {{ add_days("candidates.from_date", -28) }} <= days.date_day
    inner join shown as earlier
        on
            candidates.sku = earlier.sku
            and candidates.channel_id = earlier.channel_id
            and earlier.from_ts <= {{ end_of_local_day("days.date_day", reporting_zone()) }}
    where
        earlier.location_id in ('*', candidates.location_id)
        and coalesce(earlier.until_ts > {{ end_of_local_day("days.date_day", reporting_zone()) }}, true)
        and earlier.from_ts < candidates.from_ts
    group by candidates.stretch_key, days.date_day

),

ranked as (

    select
        stretch_key,
        amount_local,
        row_number() over (partition by stretch_key order by amount_local, date_day) as amount_no,
        count(*) over (partition by stretch_key) as amount_count
    from daily_prices

),

medians as (

    select
        stretch_key,
        {{ decimal_of("cast(sum(amount_local) as double) / count(*)", 18, 6) }} as median_amount_local
    from ranked
    where 2 * amount_no >= amount_count and 2 * amount_no <= amount_count + 2
    group by stretch_key

),

nexts as (

    select
        candidates.stretch_key,
        min(later.from_ts) as next_ts,
        {{ min_by_keys("later.from_known_ts", ["later.from_ts", "later.stretch_key"]) }} as next_known_ts
    from candidates
    inner join shown as later
        on
            candidates.sku = later.sku
            and candidates.channel_id = later.channel_id
            and candidates.location_id = later.location_id
    where later.from_ts > candidates.from_ts
    group by candidates.stretch_key

),

daily as (

    {{ control_daily_units("candidates", "stretch_key") }}

),

assessed as (

    select
        candidates.*,
        candidates.sku || '|' || candidates.channel_id || '|' || candidates.location_id as business_key,
        candidates.stretch_key as opening_key,
        case
            when candidates.shown_amount_local <= 0 then candidates.from_ts
            when
                abs(candidates.shown_amount_local - medians.median_amount_local)
                >= candidates.threshold_value * medians.median_amount_local
                then candidates.from_ts
        end as opened_ts,
        greatest(candidates.from_ts, candidates.from_known_ts) as detected_ts,
        false as is_evidence_overdue,
        {{ control_first_ending([
            ["candidates.until_ts", "candidates.until_known_ts", "'corrected'"],
            ["nexts.next_ts", "nexts.next_known_ts", "'corrected'"],
            ["candidates.agreed_ts", "candidates.agreed_known_ts", "'approved'"],
        ]) }},
        case
            when medians.median_amount_local is null and candidates.shown_amount_local > 0 then 'not_enough_data'
            when candidates.threshold_value is null then 'not_enough_data'
        end as blocked_code,
        {{ decimal_of(
            "cast(candidates.shown_amount_local as double) / nullif(medians.median_amount_local, 0) - 1", 38, 6
        ) }} as observed_value,
        {{ money(
            "cast(abs(candidates.shown_amount_local - medians.median_amount_local) * rates.reporting_rate"
            ~ " * daily.daily_qty * candidates.horizon_days as double)"
        ) }} as value_at_risk_amount
    from candidates
    left join medians on candidates.stretch_key = medians.stretch_key
    left join nexts on candidates.stretch_key = nexts.stretch_key
    left join daily on candidates.stretch_key = daily.stretch_key
    left join {{ ref("int_finance__daily_rate") }} as rates
        on candidates.currency_code = rates.currency_code and candidates.from_date = rates.rate_date

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E47b",
    "'price_publication'",
    has=[
        "channel", "location", "region", "category", "sku", "observed_value", "threshold_value", "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
