-- Grain: one funding agreement of a promotion whose claim has a due date. E44b: some days after that date what was
-- accrued is not credited in full.
with agreements as (

    select * from {{ ref("fct_supplier_funding") }}
    where claim_due_date is not null

),

amounts as (

    select
        agreement_id,
        {{ max_by_keys("accrued_amount", ["updated_ts", "accrued_amount"]) }} as accrued_amount
    from {{ source("raw", "supplier_funding") }}
    group by agreement_id

),

credits as (

    select
        versions.agreement_id,
        min(versions.updated_ts) as credited_ts,
        min(versions.received_ts) as credited_known_ts
    from {{ source("raw", "supplier_funding") }} as versions
    inner join amounts on versions.agreement_id = amounts.agreement_id
    where versions.credited_amount >= amounts.accrued_amount
    group by versions.agreement_id

),

deadlines as (

    select
        agreements.*,
        {{ control_threshold("limit", ["supplier"]) }} as limit_days,
        {{ end_of_local_day(
            add_days("agreements.claim_due_date", control_threshold("limit", ["supplier"])), reporting_zone()
        ) }} as deadline_ts
    from agreements
    {{ control_threshold_joins(
        "E44b",
        ["limit"],
        at="cast(agreements.claim_due_date as timestamp)",
        scopes={"supplier": "agreements.supplier"}
    ) }}

),

assessed as (

    select
        deadlines.agreement_id as business_key,
        cast(deadlines.claim_due_date as string) as opening_key,
        deadlines.region,
        deadlines.category,
        deadlines.supplier,
        deadlines.sku,
        deadlines._file_digest,
        deadlines._line,
        deadlines.deadline_ts as opened_ts,
        {{ control_silence_known("deadlines.deadline_ts", "deadlines.first_received_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        case when deadlines.credited_amount >= deadlines.accrued_amount then credits.credited_ts end as ended_ts,
        credits.credited_known_ts as ended_known_ts,
        'credited' as ended_reason,
        case
            when deadlines.accrued_amount <= 0 then 'not_applicable'
            when deadlines.accrued_amount is null or deadlines.deadline_ts is null then 'not_enough_data'
        end as blocked_code,
        {{ control_days(
            end_of_local_day("deadlines.claim_due_date", reporting_zone()),
            "coalesce(credits.credited_ts, " ~ as_of() ~ ")"
        ) }} as observed_value,
        deadlines.limit_days as threshold_value,
        case
            when deadlines.credited_amount >= deadlines.accrued_amount then deadlines.accrued_amount
            else deadlines.accrued_amount - deadlines.credited_amount
        end as value_at_risk_amount
    from deadlines
    left join credits on deadlines.agreement_id = credits.agreement_id
    {{ control_coverage("'supplier_funding'", "deadlines.deadline_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E44b",
    "'supplier_funding'",
    has=["region", "category", "supplier", "sku", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
