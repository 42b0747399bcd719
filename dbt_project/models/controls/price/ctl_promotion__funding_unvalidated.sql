-- Grain: one funding agreement of a promotion. E44a: some days before the promotion's start no evidence of the supplier
-- is on record.
with agreements as (

    select * from {{ ref("fct_supplier_funding") }}

),

evidence as (

    select
        agreement_id,
        evidence_ts,
        min(received_ts) as evidence_known_ts
    from {{ source("raw", "supplier_funding") }}
    where evidence_ts is not null
    group by agreement_id, evidence_ts

),

withdrawn_fundings as (

    select
        agreement_id,
        min(updated_ts) as unfunded_ts,
        min(received_ts) as unfunded_known_ts
    from {{ source("raw", "supplier_funding") }}
    where planned_amount = 0
    group by agreement_id

),

withdrawals as (

    select
        promotion_id,
        min(withdrawn_ts) as withdrawn_ts,
        min(withdrawn_known_ts) as withdrawn_known_ts
    from {{ ref("int_control__promotion_item") }}
    where withdrawn_ts is not null
    group by promotion_id

),

deadlines as (

    select
        agreements.*,
        {{ control_threshold("limit", ["supplier"]) }} as limit_days,
        {{ add_seconds("agreements.starts_ts", "-86400 * " ~ control_threshold("limit", ["supplier"])) }} as deadline_ts
    from agreements
    {{ control_threshold_joins(
        "E44a", ["limit"], at="agreements.starts_ts", scopes={"supplier": "agreements.supplier"}
    ) }}

),

assessed as (

    select
        deadlines.agreement_id as business_key,
        {{ control_instant("deadlines.starts_ts") }} as opening_key,
        deadlines.region,
        deadlines.category,
        deadlines.supplier,
        deadlines.sku,
        deadlines._file_digest,
        deadlines._line,
        deadlines.deadline_ts as opened_ts,
        {{ control_silence_known("deadlines.deadline_ts", "deadlines.first_received_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            ["deadlines.evidence_ts", "evidence.evidence_known_ts", "'evidence on record'"],
            ["withdrawn_fundings.unfunded_ts", "withdrawn_fundings.unfunded_known_ts", "'funding withdrawn'"],
            ["withdrawals.withdrawn_ts", "withdrawals.withdrawn_known_ts", "'cancelled'"],
        ]) }},
        case
            when deadlines.promotion_status_code = 'draft' then 'not_applicable'
            when deadlines.deadline_ts is null or deadlines.planned_amount is null then 'not_enough_data'
        end as blocked_code,
        {{ control_days(
            "coalesce(deadlines.evidence_ts, " ~ as_of() ~ ")", "deadlines.starts_ts"
        ) }} as observed_value,
        deadlines.limit_days as threshold_value,
        deadlines.planned_amount as value_at_risk_amount
    from deadlines
    left join evidence
        on deadlines.agreement_id = evidence.agreement_id and deadlines.evidence_ts = evidence.evidence_ts
    left join withdrawn_fundings on deadlines.agreement_id = withdrawn_fundings.agreement_id
    left join withdrawals on deadlines.promotion_id = withdrawals.promotion_id
    {{ control_coverage("'supplier_funding'", "deadlines.deadline_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E44a",
    "'supplier_funding'",
    has=["region", "category", "supplier", "sku", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
