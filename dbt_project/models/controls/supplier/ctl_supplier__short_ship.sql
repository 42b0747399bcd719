-- Grain: one purchase-order line. E62a: the ship notices so far, a final receipt or the closing of the line leave less
-- good units than ordered, beyond the tolerance; rejected units are not good. It ends when the rest is received, the
-- order is reduced to what came, or a claim for shortage or damage is filed for the order.
with changes as (

    select
        po_id,
        line_no,
        {{ min_by_keys("ordered_qty", ["version_no", "received_ts"]) }} as first_ordered_qty,
        {{ max_by_keys("ordered_qty", ["version_no", "received_ts"]) }} as last_ordered_qty
    from {{ source("raw", "purchase_order_line") }}
    group by po_id, line_no
    having count(distinct ordered_qty) > 1

),

reductions as (

    select
        changes.po_id,
        changes.line_no,
        min(changes.first_ordered_qty) as first_ordered_qty,
        min(versions.updated_ts) as reduced_ts,
        min(versions.received_ts) as reduced_known_ts
    from changes
    inner join {{ source("raw", "purchase_order_line") }} as versions
        on
            changes.po_id = versions.po_id
            and changes.line_no = versions.line_no
            and changes.last_ordered_qty = versions.ordered_qty
    where changes.last_ordered_qty < changes.first_ordered_qty
    group by changes.po_id, changes.line_no

),

lines as (

    select
        lines.*,
        reductions.reduced_ts,
        reductions.reduced_known_ts,
        products.list_price_amount,
        coalesce(reductions.first_ordered_qty, lines.ordered_qty) as due_qty,
        coalesce(reductions.first_ordered_qty, lines.ordered_qty)
        * (1 - {{ control_threshold("tolerance", ["supplier", "location"]) }}) as required_qty,
        lines.ordered_qty * (1 - {{ control_threshold("tolerance", ["supplier", "location"]) }}) as reduced_qty,
        {{ control_threshold("tolerance", ["supplier", "location"]) }} as tolerance_share
    from {{ ref("fct_purchase_order_line") }} as lines
    left join reductions on lines.po_id = reductions.po_id and lines.line_no = reductions.line_no
    left join {{ ref("dim_product") }} as products on lines.sku = products.sku
    {{ control_threshold_joins(
        "E62a",
        ["tolerance"],
        at="lines.po_sent_ts",
        scopes={"supplier": "lines.supplier", "location": "lines.location"}
    ) }}

),

notices as (

    select
        {{ line_key("po_id", "po_line_no") }} as po_line_key,
        asn_ts,
        max(first_received_ts) over in_order as known_ts,
        sum(shipped_qty) over in_order as upto_qty
    from {{ ref("stg_edi__asn_line") }}
    window in_order as (
        partition by po_id, po_line_no
        order by asn_ts, asn_id, line_no
        rows between unbounded preceding and current row
    )

),

short_notices as (

    select
        notices.po_line_key,
        min(notices.asn_ts) as short_ts,
        min(notices.known_ts) as known_ts,
        min(notices.upto_qty) as upto_qty
    from notices
    inner join lines on notices.po_line_key = lines.po_line_key
    where notices.upto_qty < lines.required_qty
    group by notices.po_line_key

),

received as (

    select
        po_line_key,
        receipt_ts,
        is_final,
        max(first_received_ts) over in_order as known_ts,
        sum(good_qty) over in_order as upto_qty
    from {{ ref("fct_receipt_line") }}
    window in_order as (
        partition by po_line_key
        order by receipt_ts, receipt_id, line_no
        rows between unbounded preceding and current row
    )

),

receipts as (

    select
        received.po_line_key,
        min(received.receipt_ts) filter (where received.is_final and received.upto_qty < lines.required_qty)
            as short_ts,
        min(received.known_ts) filter (where received.is_final and received.upto_qty < lines.required_qty)
            as short_known_ts,
        min(received.upto_qty) filter (where received.is_final and received.upto_qty < lines.required_qty) as short_qty,
        min(received.receipt_ts) filter (where received.upto_qty >= lines.required_qty) as full_ts,
        min(received.known_ts) filter (where received.upto_qty >= lines.required_qty) as full_known_ts,
        min(received.receipt_ts) filter (where received.upto_qty >= lines.reduced_qty) as reduced_full_ts,
        min(received.known_ts) filter (where received.upto_qty >= lines.reduced_qty) as reduced_full_known_ts
    from received
    inner join lines on received.po_line_key = lines.po_line_key
    group by received.po_line_key

),

openings as (

    select
        lines.*,
        receipts.full_ts,
        receipts.full_known_ts,
        short_notices.upto_qty as noticed_qty,
        receipts.short_qty as receipt_short_qty,
        greatest(lines.reduced_ts, receipts.reduced_full_ts) as reduction_ts,
        greatest(lines.reduced_known_ts, receipts.reduced_full_known_ts) as reduction_known_ts,
        {{ control_first_ending([
            ["short_notices.short_ts", "short_notices.known_ts", "'ship notice'"],
            ["receipts.short_ts", "receipts.short_known_ts", "'final receipt'"],
            [
                "case when lines.status_code = 'closed' and coalesce(receipts.full_ts > lines.closed_ts, true)"
                ~ " then lines.closed_ts end",
                "lines.closed_received_ts",
                "'closed'",
            ],
        ]) | replace("ended_", "short_") }}
    from lines
    left join short_notices on lines.po_line_key = short_notices.po_line_key
    left join receipts on lines.po_line_key = receipts.po_line_key

),

claims as (

    select
        openings.po_line_key,
        min(claims.claimed_ts) as claimed_ts,
        min(claims.first_received_ts) as claimed_known_ts
    from openings
    inner join {{ ref("stg_erp__supplier_claim") }} as claims
        on openings.po_id = claims.po_id and openings.short_ts <= claims.claimed_ts
    where claims.claim_type in ('shortage', 'damage')
    group by openings.po_line_key

),

shortages as (

    select
        *,
        due_qty - case short_reason
            when 'ship notice' then noticed_qty when 'final receipt' then receipt_short_qty else good_qty
        end as short_qty
    from openings

),

assessed as (

    select
        shortages.po_line_key as business_key,
        shortages.short_reason || ' ' || {{ control_instant("shortages.short_ts") }} as opening_key,
        shortages.supplier,
        shortages.location,
        shortages.region,
        shortages.category,
        shortages.sku,
        shortages._file_digest,
        shortages._line,
        shortages.short_ts as opened_ts,
        greatest(shortages.short_ts, shortages.short_known_ts) as detected_ts,
        false as is_evidence_overdue,
        {{ control_first_ending([
            ["shortages.full_ts", "shortages.full_known_ts", "'rest received'"],
            ["shortages.reduction_ts", "shortages.reduction_known_ts", "'order reduced'"],
            ["claims.claimed_ts", "claims.claimed_known_ts", "'claim filed'"],
            [
                "case when shortages.status_code = 'cancelled' then shortages.closed_ts end",
                "shortages.closed_received_ts",
                "'cancelled'",
            ],
        ]) }},
        case when shortages.required_qty is null then 'not_enough_data' end as blocked_code,
        case when shortages.short_ts is not null then shortages.short_qty end as observed_value,
        shortages.tolerance_share as threshold_value,
        case
            when shortages.short_ts is not null
                then {{ control_margin(
                    "shortages.list_price_amount", "shortages.unit_cost_amount", "shortages.short_qty"
                ) }}
        end as value_at_risk_amount
    from shortages
    left join claims on shortages.po_line_key = claims.po_line_key

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E62a",
    "'purchase_order_line'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ]
) }}
