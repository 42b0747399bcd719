-- Grain: one claim against a supplier. E62d: neither credited nor settled some days after it was made. A rejection
-- settles it, and so does an approval of its write-off (all steps of the request that names the claim).
with approvals as (

    select
        object_id,
        max(decided_ts) as approved_ts,
        max(received_ts) as approved_known_ts
    from {{ ref("fct_approval_step") }}
    group by object_id
    having count(*) = count(*) filter (where decision_code = 'approved')

),

claims as (

    select
        claims.*,
        {{ mapped_dim("claims.supplier_id", "suppliers.supplier_id") }} as supplier,
        {{ reporting_date("claims.claimed_ts") }} as claimed_date
    from {{ ref("stg_erp__supplier_claim") }} as claims
    left join {{ ref("dim_supplier") }} as suppliers on claims.supplier_id = suppliers.supplier_id

),

deadlines as (

    select
        claims.*,
        {{ money("(claims.amount - coalesce(claims.credited_amount, 0)) * rates.reporting_rate") }} as owed_amount,
        {{ money("claims.amount * rates.reporting_rate") }} as claimed_amount,
        {{ control_threshold("limit", ["supplier"]) }} as limit_days,
        {{ add_seconds("claims.claimed_ts", "86400 * " ~ control_threshold("limit", ["supplier"])) }} as deadline_ts
    from claims
    left join {{ ref("int_finance__daily_rate") }} as rates
        on claims.currency_code = rates.currency_code and claims.claimed_date = rates.rate_date
    {{ control_threshold_joins("E62d", ["limit"], at="claims.claimed_ts", scopes={"supplier": "claims.supplier"}) }}

),

assessed as (

    select
        deadlines.claim_id as business_key,
        {{ control_instant("deadlines.deadline_ts") }} as opening_key,
        deadlines.supplier,
        deadlines._file_digest,
        deadlines._line,
        deadlines.deadline_ts as opened_ts,
        {{ control_silence_known("deadlines.deadline_ts", "deadlines.first_received_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            [
                "case when deadlines.status_code = 'credited'"
                ~ " then coalesce(deadlines.credited_ts, deadlines.updated_ts) end",
                "deadlines.received_ts",
                "'credited'",
            ],
            [
                "case when deadlines.status_code = 'rejected' then deadlines.updated_ts end",
                "deadlines.received_ts",
                "'settled'",
            ],
            ["approvals.approved_ts", "approvals.approved_known_ts", "'written off with approval'"],
        ]) }},
        case when deadlines.deadline_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_days(
            "deadlines.claimed_ts", "coalesce(deadlines.credited_ts, " ~ as_of() ~ ")"
        ) }} as observed_value,
        deadlines.limit_days as threshold_value,
        case when deadlines.status_code = 'open' then deadlines.owed_amount else deadlines.claimed_amount end
            as value_at_risk_amount
    from deadlines
    left join approvals on deadlines.claim_id = approvals.object_id
    {{ control_coverage("'supplier_claim'", "deadlines.deadline_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E62d",
    "'supplier_claim'",
    has=["supplier", "observed_value", "threshold_value", "value_at_risk_amount"],
    is_running=true
) }}
