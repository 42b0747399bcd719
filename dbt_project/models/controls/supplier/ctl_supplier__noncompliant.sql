-- Grain: one check of a delivery against a vendor rule that the delivery did not pass. E62c: it ends when a compliance
-- claim is filed for the order. A check whose last version says passed has no row; a waiver is told by a person.
with checks as (

    select
        checks.*,
        {{ control_threshold("checks", ["supplier", "location"]) }} as limit_count
    from {{ ref("fct_compliance_check") }} as checks
    {{ control_threshold_joins(
        "E62c",
        ["checks"],
        at="checks.checked_ts",
        scopes={"supplier": "checks.supplier", "location": "checks.location"}
    ) }}
    where not checks.is_passed

),

claims as (

    select
        checks.check_id,
        min(claims.claimed_ts) as claimed_ts,
        {{ min_by_keys("claims.first_received_ts", ["claims.claimed_ts", "claims.claim_id"]) }} as claimed_known_ts
    from checks
    inner join {{ ref("stg_erp__supplier_claim") }} as claims
        on checks.po_id = claims.po_id and checks.supplier_id = claims.supplier_id
    where claims.claim_type = 'compliance' and claims.claimed_ts >= checks.checked_ts
    group by checks.check_id

),

assessed as (

    select
        checks.check_id as business_key,
        checks.check_id as opening_key,
        checks.supplier,
        checks.location,
        checks.region,
        checks._file_digest,
        checks._line,
        checks.checked_ts as opened_ts,
        greatest(checks.checked_ts, checks.first_received_ts) as detected_ts,
        false as is_evidence_overdue,
        claims.claimed_ts as ended_ts,
        claims.claimed_known_ts as ended_known_ts,
        'claim filed' as ended_reason,
        case
            when checks.limit_count is null then 'not_enough_data' when checks.limit_count > 1 then 'pass'
        end as blocked_code,
        1 as observed_value,
        checks.limit_count as threshold_value
    from checks
    left join claims on checks.check_id = claims.check_id

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E62c",
    "'vendor_compliance_event'",
    has=["location", "region", "supplier", "observed_value", "threshold_value"]
) }}
