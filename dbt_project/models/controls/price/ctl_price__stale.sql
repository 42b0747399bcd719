-- Grain: one approved version of a price, not of a promotion, that has an older one in its channel or location. E47a:
-- at its service level an older version is live and it is not. Starts and ends of promotions are E41.
with versions as (

    select
        publications.publication_key,
        publications.sku,
        publications.channel_id,
        publications.location_id,
        publications.price_version,
        publications.price_amount_local,
        publications.currency_code,
        publications.approved_ts,
        publications.wanted_ts,
        publications.channel,
        publications.location,
        publications.region,
        publications.category,
        publications.first_received_ts,
        publications.ended_ts as taken_down_ts,
        publications.received_ts as taken_down_known_ts,
        publications._file_digest,
        publications._line,
        {{ add_seconds(
            "publications.wanted_ts",
            seconds_between("publications.effective_ts", "publications.live_due_ts")
            ~ " + 60 * " ~ control_threshold("extra_grace", ["location", "channel"])
        ) }} as due_ts,
        {{ control_threshold("horizon", ["location", "channel"]) }} as horizon_days,
        min(publications.price_version) over (
            partition by publications.sku, publications.channel_id, publications.location_id
        ) as first_version
    from {{ ref("fct_price_publication") }} as publications
    {{ control_threshold_joins(
        "E47a",
        ["extra_grace", "horizon"],
        at="publications.effective_ts",
        scopes={"channel": "publications.channel", "location": "publications.location"}
    ) }}
    where publications.promotion_id is null and publications.price_type <> 'promotion'

),

changes as (

    select
        *,
        {{ reporting_date("due_ts") }} as from_date
    from versions
    where
        price_version > first_version
        and approved_ts is not null
        and wanted_ts <= {{ as_of() }}

),

shown as (

    select * from {{ ref("int_control__price_shown") }}
    where promotion_id is null and price_type <> 'promotion'

),

{%- set by_time = ["shown.from_ts", "shown.price_version", "shown.publication_key"] %}
{%- set is_older = "shown.price_version < changes.price_version and shown.from_ts <= changes.due_ts" %}
{%- set is_newer = "shown.price_version >= changes.price_version" %}

compared as (

    select
        changes.publication_key,
        {{ max_by_keys("shown.shown_amount_local", by_time, where=is_older) }} as older_amount_local,
        {{ max_by_keys("shown.price_version", by_time, where=is_older) }} as older_version,
        {{ max_by_keys("shown.from_known_ts", by_time, where=is_older) }} as older_known_ts,
        case
            when count(case when {{ is_older }} and shown.until_ts is null then 1 end) = 0
                then max(case when {{ is_older }} then shown.until_ts end)
        end as gone_ts,
        max(case when {{ is_older }} then shown.until_known_ts end) as gone_known_ts,
        min(case when {{ is_newer }} then shown.from_ts end) as live_ts,
        {{ min_by_keys("shown.from_known_ts", by_time, where=is_newer) }} as live_known_ts
    from changes
    inner join shown
        on
            changes.sku = shown.sku
            and changes.channel_id = shown.channel_id
            and changes.location_id = shown.location_id
    where shown.until_ts > changes.due_ts or shown.until_ts is null
    group by changes.publication_key

),

daily as (

    {{ control_daily_units("changes", "publication_key") }}

),

assessed as (

    select
        changes.*,
        changes.sku || '|' || changes.channel_id || '|' || changes.location_id as business_key,
        changes.publication_key as opening_key,
        case when compared.older_version is not null then changes.due_ts end as opened_ts,
        {{ control_silence_known(
            "changes.due_ts", greatest_ts("changes.first_received_ts", "compared.older_known_ts")
        ) }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            ["compared.live_ts", "compared.live_known_ts", "'live'"],
            ["compared.gone_ts", "compared.gone_known_ts", "'older version taken down'"],
            ["changes.taken_down_ts", "changes.taken_down_known_ts", "'cancelled'"],
        ]) }},
        case when changes.due_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_minutes(
            "changes.wanted_ts", "coalesce(compared.live_ts, " ~ as_of() ~ ")"
        ) }} as observed_value,
        {{ control_minutes("changes.wanted_ts", "changes.due_ts") }} as threshold_value,
        {{ money(
            "cast(abs(compared.older_amount_local - changes.price_amount_local) * rates.reporting_rate"
            ~ " * daily.daily_qty * changes.horizon_days as double)"
        ) }} as value_at_risk_amount
    from changes
    left join compared on changes.publication_key = compared.publication_key
    left join daily on changes.publication_key = daily.publication_key
    left join {{ ref("int_finance__daily_rate") }} as rates
        on changes.currency_code = rates.currency_code and changes.from_date = rates.rate_date
    {{ control_coverage("'price_publication'", "changes.due_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E47a",
    "'price_publication'",
    has=[
        "channel", "location", "region", "category", "sku", "observed_value", "threshold_value", "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
