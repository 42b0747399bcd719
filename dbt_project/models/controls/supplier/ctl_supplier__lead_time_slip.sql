-- Grain: one spell of slow deliveries of a supplier to a location, or that pair where it had none. E61b: the median
-- lead time of the last deliveries is above the quoted one by both limits; it ends when it is below both closing
-- limits. A delivery is what one receipt day completed of an order, its quote the longest of its lines; the median is
-- above a limit when more than half of the deliveries are.
with deliveries as (

    select
        supplier,
        location,
        po_id,
        {{ reporting_date("completing_receipt_ts") }} as completed_date,
        min(region) as region,
        max(completing_receipt_ts) as completed_ts,
        max(completing_received_ts) as known_ts,
        max(lead_time_days) as lead_time_days,
        max(quoted_lead_time_days) as quoted_days,
        min(_file_digest) as _file_digest,
        {{ min_by_keys("_line", ["_file_digest", "_line"]) }} as _line
    from {{ ref("fct_purchase_order_line") }}
    where lead_time_days is not null and quoted_lead_time_days is not null and status_code <> 'cancelled'
    group by supplier, location, po_id, {{ reporting_date("completing_receipt_ts") }}

),

limited as (

    select
        deliveries.*,
        deliveries.lead_time_days - deliveries.quoted_days as slip_days,
        {% for limit in ["share", "days", "closing_share", "closing_days", "receipts"] -%}
        {{ control_threshold(limit, ["supplier", "location"]) }} as {{ limit }}_limit{{ "," if not loop.last }}
        {% endfor %}
    from deliveries
    {{ control_threshold_joins(
        "E61b",
        ["share", "days", "closing_share", "closing_days", "receipts"],
        at="deliveries.completed_ts",
        scopes={"supplier": "deliveries.supplier", "location": "deliveries.location"}
    ) }}

),

numbered as (

    select
        *,
        row_number() over in_order as delivery_no,
        max(known_ts) over in_order as upto_known_ts,
        count(*) filter (where slip_days > days_limit) over in_order as above_days_count,
        count(*) filter (where slip_days > share_limit * quoted_days) over in_order as above_share_count,
        count(*) filter (where slip_days < closing_days_limit) over in_order as below_days_count,
        count(*) filter (where slip_days < closing_share_limit * quoted_days) over in_order as below_share_count,
        sum(slip_days) over in_order as slip_days_upto
    from limited
    window in_order as (
        partition by supplier, location
        order by completed_ts, po_id
        rows between unbounded preceding and current row
    )

),

judged_windows as (

    select
        latest.*,
        latest.slip_days_upto - coalesce(earlier.slip_days_upto, 0) as window_slip_days,
        2 * (latest.above_days_count - coalesce(earlier.above_days_count, 0)) > latest.receipts_limit
        and 2 * (latest.above_share_count - coalesce(earlier.above_share_count, 0)) > latest.receipts_limit as is_slow,
        2 * (latest.below_days_count - coalesce(earlier.below_days_count, 0)) > latest.receipts_limit
        and 2 * (latest.below_share_count - coalesce(earlier.below_share_count, 0)) > latest.receipts_limit as is_fast
    from numbered as latest
    left join numbered as earlier
        on
            latest.supplier = earlier.supplier
            and latest.location = earlier.location
            and latest.delivery_no - latest.receipts_limit = earlier.delivery_no
    where latest.delivery_no >= latest.receipts_limit

),

turns as (

    select
        *,
        is_slow and coalesce(lag(is_fast) over by_delivery, true) as is_start
    from judged_windows
    where is_slow or is_fast
    window by_delivery as (partition by supplier, location order by delivery_no)

),

spelled as (

    select
        *,
        count(*) filter (where is_start) over (
            partition by supplier, location order by delivery_no rows between unbounded preceding and current row
        ) as spell_no
    from turns

),

spells as (

    select
        supplier,
        location,
        spell_no,
        min(completed_ts) filter (where is_slow) as opened_ts,
        {{ min_by_keys("upto_known_ts", ["delivery_no"], where="is_slow") }} as detected_ts,
        {{ min_by_keys("po_id", ["delivery_no"], where="is_slow") }} as opening_key,
        min(completed_ts) filter (where is_fast) as ended_ts,
        {{ min_by_keys("upto_known_ts", ["delivery_no"], where="is_fast") }} as ended_known_ts,
        {{ decimal_of("max(case when is_slow then cast(window_slip_days as double) / receipts_limit end)", 38, 6) }}
            as observed_value,
        {{ min_by_keys("_file_digest", ["delivery_no"], where="is_slow") }} as _file_digest,
        {{ min_by_keys("_line", ["delivery_no"], where="is_slow") }} as _line
    from spelled
    where spell_no > 0
    group by supplier, location, spell_no

),

pairs as (

    select
        supplier,
        location,
        min(region) as region,
        max(days_limit) as threshold_value,
        coalesce(max(delivery_no) >= max(receipts_limit), false) as has_enough,
        min(_file_digest) as _file_digest,
        {{ min_by_keys("_line", ["_file_digest", "_line"]) }} as _line
    from numbered
    group by supplier, location

),

open_margins as (

    select
        lines.supplier,
        lines.location,
        sum({{ control_margin("products.list_price_amount", "lines.unit_cost_amount", "lines.open_qty") }})
            as margin_amount
    from {{ ref("fct_purchase_order_line") }} as lines
    left join {{ ref("dim_product") }} as products on lines.sku = products.sku
    where lines.open_qty > 0
    group by lines.supplier, lines.location

),

assessed as (

    select
        pairs.supplier || '|' || pairs.location as business_key,
        spells.opening_key,
        pairs.supplier,
        pairs.location,
        pairs.region,
        spells.opened_ts,
        greatest(spells.opened_ts, spells.detected_ts) as detected_ts,
        false as is_evidence_overdue,
        spells.ended_ts,
        spells.ended_known_ts,
        'lead time as quoted again' as ended_reason,
        case when not pairs.has_enough then 'not_enough_data' end as blocked_code,
        spells.observed_value,
        pairs.threshold_value,
        coalesce(open_margins.margin_amount, 0) as value_at_risk_amount,
        coalesce(spells._file_digest, pairs._file_digest) as _file_digest,
        case when spells._file_digest is null then pairs._line else spells._line end as _line
    from pairs
    left join spells on pairs.supplier = spells.supplier and pairs.location = spells.location
    left join open_margins on pairs.supplier = open_margins.supplier and pairs.location = open_margins.location

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["observed_value"]) }}

{{ control_select(
    "E61b",
    "'purchase_order_line'",
    has=["location", "region", "supplier", "observed_value", "threshold_value", "value_at_risk_amount"],
    relation="episodes",
    largest=["observed_value"]
) }}
