-- One row an interface, business object and day with control totals, at the day's last cut: what one side holds more
-- than the other, less what was on its way at the cut (K103). A message is on its way from its sending to its
-- application; what failed for good is not. Messages carry no value: where any was on its way, the value cannot be
-- compared.
with

sides as (
    select
        totals.interface_id,
        totals.object_type,
        totals.cut_ts,
        {{ reporting_date('totals.cut_ts') }} as cut_date,
        max(case when totals.side_code = 'source' then totals.record_count end) as source_count,
        max(case when totals.side_code = 'target' then totals.record_count end) as target_count,
        max(case when totals.side_code = 'source' then totals.quantity_total end) as source_qty,
        max(case when totals.side_code = 'target' then totals.quantity_total end) as target_qty,
        max(case when totals.side_code = 'source' then totals.value_total end) as source_local,
        max(case when totals.side_code = 'target' then totals.value_total end) as target_local,
        max(totals.currency_code) as currency_code,
        min(totals._file_digest) as _file_digest,
        {{ min_by_keys('totals._line', ['totals._file_digest', 'totals._line']) }} as _line
    from {{ ref('stg_integration__control_total') }} as totals
    where totals.cut_ts <= {{ as_of() }}
    group by totals.interface_id, totals.object_type, totals.cut_ts
),

ranked as (
    select
        *,
        row_number() over (partition by interface_id, object_type, cut_date order by cut_ts desc) as place_no
    from sides
),

cuts as (
    select *
    from ranked
    where place_no = 1
),

messages as (
    select
        interface_id,
        object_type,
        quantity,
        sent_ts,
        cast(sent_ts as date) as sent_day,
        coalesce(applied_ts, cast('9999-12-31' as timestamp)) as applied_ts,
        cast(coalesce(applied_ts, cast('9999-12-31' as timestamp)) as date) as applied_day
    from {{ ref('fct_message') }}
    where is_representative and not is_failed_now
),

-- A cut on the day of the sending is found by that day; one of a later day only by the few that were on their way that
-- long.
flying as (
    select
        cuts.interface_id,
        cuts.object_type,
        cuts.cut_ts,
        messages.quantity
    from cuts
    inner join messages
        on
            cuts.interface_id = messages.interface_id
            and cuts.object_type = messages.object_type
            and cast(cuts.cut_ts as date) = messages.sent_day
    where messages.sent_ts <= cuts.cut_ts and messages.applied_ts > cuts.cut_ts
    union all
    select
        cuts.interface_id,
        cuts.object_type,
        cuts.cut_ts,
        messages.quantity
    from cuts
    inner join messages
        on
            cuts.interface_id = messages.interface_id
            and cuts.object_type = messages.object_type
            and cast(cuts.cut_ts as date) > messages.sent_day
    where messages.applied_day > messages.sent_day and messages.applied_ts > cuts.cut_ts
),

in_flight as (
    select
        interface_id,
        object_type,
        cut_ts,
        count(*) as record_count,
        coalesce(sum(quantity), 0) as quantity
    from flying
    group by interface_id, object_type, cut_ts
)

select
    cuts.interface_id || '|' || cuts.object_type || '|' || cast(cuts.cut_date as string) as cut_key,
    cuts.cut_date,
    case when cuts.source_count is null or cuts.target_count is null then 'no_data:one_side' end as exclusion_reason,
    cuts.source_count,
    abs(cuts.source_count - cuts.target_count - coalesce(in_flight.record_count, 0)) as drift_count,
    cuts.source_qty,
    abs(cuts.source_qty - cuts.target_qty - coalesce(in_flight.quantity, 0)) as drift_qty,
    cuts.source_local is not null or cuts.target_local is not null as has_value,
    coalesce(in_flight.record_count, 0) > 0 as is_flying,
    {{ money('cuts.source_local * rates.reporting_rate') }} as source_amount,
    {{ money('abs(cuts.source_local - cuts.target_local) * rates.reporting_rate') }} as drift_amount,
    {{ mapped_dim('cuts.interface_id', 'interfaces.interface_id') }} as interface,
    coalesce(interfaces.process_code, 'UNKNOWN') as process,
    'control_total' as source_entity,
    cuts._file_digest,
    cuts._line
from cuts
left join in_flight
    on
        cuts.interface_id = in_flight.interface_id
        and cuts.object_type = in_flight.object_type
        and cuts.cut_ts = in_flight.cut_ts
left join {{ ref('dim_interface') }} as interfaces on cuts.interface_id = interfaces.interface_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        cuts.currency_code = rates.currency_code
        and cuts.cut_date = rates.rate_date
