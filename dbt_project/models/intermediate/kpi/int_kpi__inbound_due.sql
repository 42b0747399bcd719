-- One row a purchase-order line and span of full hours in which the supplier has not refused it and it is due within 14
-- days, as its dates stood then.
{{ config(materialized='view') }}

with

lines as (
    select
        *,
        case when new_date is not null then coalesce(new_date_set_ts, po_sent_ts) end as moved_ts
    from {{ ref('fct_purchase_order_line') }}
),

answers as (
    select
        {{ line_key('po_id', 'line_no') }} as po_line_key,
        ack_version,
        ack_ts as from_ts,
        ack_type = 'rejected' as is_refused,
        case when ack_type <> 'rejected' then committed_date end as committed_date,
        count(case when ack_type <> 'rejected' then committed_date end) over versions as commitment_no
    from {{ ref('stg_edi__po_acknowledgement') }}
    window versions as (partition by po_id, line_no order by ack_version rows unbounded preceding)
),

states as (
    select
        po_line_key,
        cast(0 as bigint) as ack_version,
        po_sent_ts as from_ts,
        false as is_refused,
        cast(null as date) as committed_date
    from lines

    union all

    select
        po_line_key,
        ack_version,
        from_ts,
        is_refused,
        max(committed_date) over (partition by po_line_key, commitment_no) as committed_date
    from answers
),

-- an answer is in force until a later version is given
state_spans as (
    select
        *,
        min(from_ts) over (
            partition by po_line_key order by ack_version rows between 1 following and unbounded following
        ) as to_ts
    from states
),

-- a new date set by the buyer stands from then on, whatever the supplier had said; without one the second part has no
-- date, and no span
dated as (
    select
        states.po_line_key,
        states.from_ts,
        {{ least_ts('states.to_ts', 'lines.moved_ts') }} as to_ts,
        coalesce(states.committed_date, lines.requested_date) as due_date
    from state_spans as states
    inner join lines
        on states.po_line_key = lines.po_line_key
    where not states.is_refused

    union all

    select
        states.po_line_key,
        {{ greatest_ts('states.from_ts', 'lines.moved_ts') }} as from_ts,
        states.to_ts,
        lines.new_date as due_date
    from state_spans as states
    inner join lines
        on states.po_line_key = lines.po_line_key
    where not states.is_refused
),

spans as (
    select
        po_line_key,
        greatest({{ full_hour('from_ts') }}, {{ first_hour_of_day(add_days('due_date', -14)) }}) as from_hour,
        coalesce({{ full_hour('to_ts') }}, {{ no_last_hour() }}) as to_hour
    from dated
    where due_date is not null
)

select * from spans
where from_hour < to_hour
