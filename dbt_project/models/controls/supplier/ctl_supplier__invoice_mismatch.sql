-- Grain: one invoice line that failed its first match with order and receipt, or whose goods were not known by then.
-- E64a: no order, another price beyond the tolerance, or more units invoiced for the order line than accepted. It ends
-- when the units are accepted, a credit note covers the difference, or an approval of the invoice is complete.
with invoices as (

    select
        *,
        {{ reporting_date("invoice_ts") }} as invoice_date
    from {{ ref("fct_supplier_invoice_line") }}

),

approvals as (

    select
        object_id,
        max(decided_ts) as approved_ts,
        max(received_ts) as approved_known_ts
    from {{ ref("fct_approval_step") }}
    group by object_id
    having count(*) = count(*) filter (where decision_code = 'approved')

),

credits as (

    select
        po_line_key,
        -sum(amount_local) as credited_amount_local,
        max(invoice_ts) as credited_ts,
        max(first_received_ts) as credited_known_ts
    from invoices
    where amount_local < 0 and po_line_key is not null
    group by po_line_key

),

limited as (

    select
        invoices.*,
        {{ control_threshold("price_share", ["supplier", "location"]) }} as price_share,
        {{ control_threshold("quantity", ["supplier", "location"]) }} as quantity_limit,
        abs(invoices.unit_price_amount_local - invoices.ordered_unit_amount_local)
        > {{ control_threshold("price_share", ["supplier", "location"]) }} * invoices.ordered_unit_amount_local
            as is_price_wrong
    from invoices
    {{ control_threshold_joins(
        "E64a",
        ["price_share", "quantity"],
        at="invoices.invoice_ts",
        scopes={"supplier": "invoices.supplier", "location": "invoices.location"}
    ) }}
    where invoices.amount_local > 0

),

received as (

    select
        po_line_key,
        receipt_ts,
        max(first_received_ts) over in_order as known_ts,
        sum(good_qty) over in_order as accepted_upto_qty
    from {{ ref("fct_receipt_line") }}
    where po_line_key is not null
    window in_order as (
        partition by po_line_key
        order by receipt_ts, receipt_id, line_no
        rows between unbounded preceding and current row
    )

),

accepted as (

    select
        limited.invoice_id,
        limited.line_no,
        min(received.receipt_ts) as accepted_ts,
        min(received.known_ts) as accepted_known_ts
    from limited
    inner join received on limited.po_line_key = received.po_line_key
    where
        received.accepted_upto_qty >= limited.invoiced_upto_qty - limited.quantity_limit
        and received.accepted_upto_qty > 0
    group by limited.invoice_id, limited.line_no

),

candidates as (

    select
        limited.*,
        accepted.accepted_ts,
        accepted.accepted_known_ts,
        case
            when limited.failure_code = 'no_order' then 'no order'
            when limited.is_price_wrong then 'price'
            else 'quantity'
        end as reason_code
    from limited
    left join accepted on limited.invoice_id = accepted.invoice_id and limited.line_no = accepted.line_no
    where
        coalesce(limited.failure_code = 'no_order', false)
        or coalesce(limited.is_price_wrong, false)
        or coalesce(
            accepted.accepted_ts > limited.matched_ts or accepted.accepted_known_ts > limited.first_received_ts, true
        )

),

valued as (

    select
        candidates.*,
        case candidates.reason_code
            when 'no order' then candidates.amount_local
            when 'price'
                then candidates.quantity
                    * abs(candidates.unit_price_amount_local - candidates.ordered_unit_amount_local)
            else least(greatest(candidates.invoiced_upto_qty - candidates.accepted_qty, 0), candidates.quantity)
                * candidates.unit_price_amount_local
        end as difference_amount_local
    from candidates

),

assessed as (

    select
        valued.invoice_id || '|' || cast(valued.line_no as string) as business_key,
        valued.reason_code || ' ' || {{ control_instant("valued.matched_ts") }} as opening_key,
        valued.supplier,
        valued.location,
        valued.region,
        valued.category,
        valued.sku,
        valued._file_digest,
        valued._line,
        valued.matched_ts as opened_ts,
        {{ control_silence_known("valued.matched_ts", "valued.first_received_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            [
                "case when valued.reason_code = 'quantity' then valued.accepted_ts end",
                "valued.accepted_known_ts",
                "'matched'",
            ],
            [
                "case when credits.credited_ts >= valued.invoice_ts"
                ~ " and credits.credited_amount_local >= valued.difference_amount_local then credits.credited_ts end",
                "credits.credited_known_ts",
                "'credited'",
            ],
            ["of_invoice.approved_ts", "of_invoice.approved_known_ts", "'approved'"],
            ["of_line.approved_ts", "of_line.approved_known_ts", "'approved'"],
        ]) }},
        case
            when valued.price_share is null or valued.quantity_limit is null then 'not_enough_data'
        end as blocked_code,
        {{ money("valued.difference_amount_local * rates.reporting_rate") }} as value_at_risk_amount,
        case
            when valued.reason_code = 'price'
                then {{ decimal_of(
                    "cast(valued.unit_price_amount_local - valued.ordered_unit_amount_local as double)"
                    ~ " / nullif(valued.ordered_unit_amount_local, 0)",
                    38,
                    6
                ) }}
            else valued.invoiced_upto_qty - valued.accepted_qty
        end as observed_value,
        case when valued.reason_code = 'price' then valued.price_share else valued.quantity_limit end as threshold_value
    from valued
    left join credits on valued.po_line_key = credits.po_line_key
    left join approvals as of_invoice on valued.invoice_id = of_invoice.object_id
    left join approvals as of_line
        on valued.invoice_id || '|' || cast(valued.line_no as string) = of_line.object_id
    left join {{ ref("stg_erp__supplier_invoice_line") }} as documents
        on valued.invoice_id = documents.invoice_id and valued.line_no = documents.line_no
    left join {{ ref("int_finance__daily_rate") }} as rates
        on documents.currency_code = rates.currency_code and valued.invoice_date = rates.rate_date
    {{ control_coverage("'receipt_line'", "valued.matched_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E64a",
    "'supplier_invoice_line'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ]
) }}
