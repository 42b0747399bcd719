-- Grain: one settlement line that names an order, one deposit, or one shipped marketplace sale. E55b:
-- without order, without payout, or in no settlement, some business days after its due date.
with settlements as (

    select * from {{ ref("fct_settlement") }}

),

orders as (

    select
        order_id,
        order_ts,
        first_received_ts
    from {{ ref("fct_order") }}

),

statement_lines as (

    select
        lines.settlement_id || '|' || cast(lines.line_no as string) as business_key,
        'settlement_line' as evidence_entity,
        settlements.payout_due_date as due_date,
        lines.first_received_ts as row_known_ts,
        'sales_order' as silent_entity,
        lines.channel,
        lines.region,
        lines.category,
        lines.order_id,
        lines.order_line_key,
        abs(lines.amount) as value_at_risk_amount,
        orders.order_ts as ended_ts,
        orders.first_received_ts as ended_known_ts,
        lines._file_digest,
        lines._line
    from {{ ref("fct_settlement_line") }} as lines
    inner join settlements on lines.settlement_id = settlements.settlement_id
    left join orders on lines.order_id = orders.order_id
    where lines.is_order_line_type

),

deposits as (

    select
        deposits.deposit_id as business_key,
        'bank_deposit' as evidence_entity,
        {{ reporting_date("deposits.deposit_ts") }} as due_date,
        deposits.first_received_ts as row_known_ts,
        'settlement' as silent_entity,
        settlements.channel,
        settlements.region,
        cast(null as string) as category,
        cast(null as string) as order_id,
        cast(null as string) as order_line_key,
        deposits.amount as value_at_risk_amount,
        case when deposits.is_matched then least(settlements.closed_ts, deposits.deposit_ts) end as ended_ts,
        settlements.first_received_ts as ended_known_ts,
        deposits._file_digest,
        deposits._line
    from {{ ref("fct_bank_deposit") }} as deposits
    left join settlements on deposits.settlement_id = settlements.settlement_id

),

sales as (

    select
        expectations.order_id || '|' || cast(expectations.order_line_no as string) as business_key,
        'sales_order_line' as evidence_entity,
        min(settlements.payout_due_date) as due_date,
        min(lines.first_received_ts) as row_known_ts,
        'settlement_line' as silent_entity,
        min(expectations.channel) as channel,
        min(expectations.region) as region,
        min(expectations.category) as category,
        expectations.order_id,
        min(expectations.order_line_key) as order_line_key,
        max(abs(expectations.expected_amount)) as value_at_risk_amount,
        min(case when expectations.is_settled then expectations.settlement_closed_ts end) as ended_ts,
        min(case when expectations.is_settled then expectations.first_received_ts end) as ended_known_ts,
        min(expectations._file_digest) as _file_digest,
        {{ min_by_keys("expectations._line", ["expectations._file_digest", "expectations._line"]) }} as _line
    from {{ ref("fct_settlement_expectation") }} as expectations
    left join settlements
        on
            expectations.channel_id = settlements.channel_id
            and {{ reporting_date("expectations.shipped_ts") }} >= settlements.period_start_date
            and {{ reporting_date("expectations.shipped_ts") }} <= settlements.period_end_date
    left join {{ ref("fct_order_line") }} as lines on expectations.order_line_key = lines.order_line_key
    where expectations.shipped_ts is not null and expectations.order_line_no is not null
    group by expectations.order_id, expectations.order_line_no

),

items as (

    select * from statement_lines
    union all
    select * from deposits
    union all
    select * from sales

),

deadlines as (

    select
        items.*,
        {{ control_threshold("grace", ["channel"]) }} as grace_days
    from items
    {{ control_threshold_joins(
        "E55b",
        ["grace"],
        at="cast(items.due_date as timestamp)",
        scopes={"channel": "items.channel"}
    ) }}

),

assessed as (

    select
        deadlines.*,
        due_day.day_end_ts as opened_ts,
        coverage.is_overdue as is_evidence_overdue,
        coalesce(cast(deadlines.due_date as string), 'NONE') as opening_key,
        case
            when deadlines.due_date is null and deadlines.ended_ts is null then 'not_applicable'
            when due_day.day_end_ts is null and deadlines.ended_ts is null then 'not_enough_data'
        end as blocked_code,
        {{ control_silence_known("due_day.day_end_ts", "deadlines.row_known_ts") }} as detected_ts,
        'matched' as ended_reason,
        {{ control_days("due_day.day_end_ts", "coalesce(deadlines.ended_ts, " ~ as_of() ~ ")") }} as observed_value,
        deadlines.grace_days as threshold_value
    from deadlines
    {{ control_business_deadline("E55b", "deadlines.due_date", "deadlines.grace_days") }}
    {{ control_coverage("deadlines.silent_entity", "due_day.day_end_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E55b",
    "evidence_entity",
    has=[
        "channel", "region", "category", "order_id", "order_line_key", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ],
    is_running=true
) }}
