-- K50. Grain: one row a measure and approved item of a promotion in a channel whose end (K50.start: whose start) has
-- passed with its tolerance.
{% set dims = ['channel', 'location', 'region', 'category', 'promotion'] %}
{% set not_early = 'coalesce(intents.own_live_ts >= intents.earliest_ts, true)' %}
with intents as (
    select
        intents.*,
        {{ not_early }} and intents.own_live_ts <= intents.right_from_ts as is_started,
        {{ not_early }}
        and coalesce(intents.own_ended_ts <= intents.latest_ts, true)
        and coalesce(shares.right_seconds >= 0.99 * shares.whole_seconds, false) as is_right,
        coalesce(
            intents.exclusion_reason, case when not coalesce(shares.has_right_price, false) then 'no_data:no_price' end
        ) as right_exclusion_reason
    from {{ ref('int_kpi__promotion_intent') }} as intents
    left join {{ ref('int_kpi__promotion_right') }} as shares
        on intents.promotion_line_key = shares.promotion_line_key
)

{{ kpi_union([
    kpi_measure(
        'K50', 'intents', 'promotion_line_key', reporting_date('coalesce(latest_ts, ends_ts)'),
        'case when is_right then 1 else 0 end', exclusion='right_exclusion_reason', dims=dims,
        where='coalesce(latest_ts, ends_ts) <= ' ~ as_of()
    ),
    kpi_measure(
        'K50.start', 'intents', 'promotion_line_key', reporting_date('coalesce(right_from_ts, starts_ts)'),
        'case when is_started then 1 else 0 end', dims=dims, where='coalesce(right_from_ts, starts_ts) <= ' ~ as_of()
    ),
]) }}
