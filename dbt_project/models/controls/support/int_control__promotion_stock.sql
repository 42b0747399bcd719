-- Grain: one item of an approved promotion and day's end from its approval to its end: what is free to sell at all
-- places that serve a channel, with what is between them and what suppliers are due to bring, against the planned units
-- still to come. K59 by its rule: no forecast is read, the planned units are the baseline times the planned uplift and
-- are spread evenly over the promotion.
{{ config(contract={"enforced": false}) }}

with promoted as (

    select
        promotion_id,
        sku,
        min(category) as category,
        case when min(channel) = max(channel) then min(channel) end as channel,
        {{ reporting_date("min(approved_ts)") }} as approved_date,
        {{ reporting_date("min(ends_ts)") }} as ends_date,
        min(starts_ts) as starts_ts,
        min(ends_ts) as ends_ts,
        min(withdrawn_ts) as withdrawn_ts,
        min(withdrawn_known_ts) as withdrawn_known_ts,
        cast(case when count(*) = count(planned_qty) then sum(planned_qty) end as bigint) as planned_qty,
        cast(max(duration_seconds) as double) as duration_seconds,
        max(first_received_ts) as row_known_ts,
        {{ min_by_keys("_file_digest", ["channel", "_line"]) }} as _file_digest,
        {{ min_by_keys("_line", ["channel", "_line"]) }} as _line
    from {{ ref("int_control__promotion_item") }}
    where approved_ts is not null
    group by promotion_id, sku

),

skus as (

    select distinct sku
    from promoted

),

places as (

    select distinct location_id
    from {{ ref("int_kpi__channel_reach") }}

),

steps as (

    select
        steps.location_id,
        steps.sku,
        {{ reporting_date("steps.from_ts") }} as date_day,
        {{ max_by_keys("steps.available_qty", ["steps.from_ts"]) }} as available_qty
    from {{ ref("int_stock__available_step") }} as steps
    inner join skus on steps.sku = skus.sku
    inner join places on steps.location_id = places.location_id
    group by steps.location_id, steps.sku, {{ reporting_date("steps.from_ts") }}

),

free as (

    select
        steps.location_id,
        steps.sku,
        steps.date_day,
        greatest(steps.available_qty - coalesce(policies.safety_stock_qty + policies.presentation_min_qty, 0), 0)
            as free_qty
    from steps
    left join {{ ref("int_stock__safety_policy") }} as policies
        on
            steps.location_id = policies.location_id
            and steps.sku = policies.sku
            and steps.date_day >= policies.valid_from
            and steps.date_day < policies.valid_to

),

changes as (

    select
        sku,
        date_day,
        free_qty - coalesce(lag(free_qty) over (partition by location_id, sku order by date_day), 0) as change_qty
    from free
    union all
    select
        transfers.sku,
        {{ reporting_date("transfers.shipped_ts") }} as date_day,
        transfers.shipped_qty as change_qty
    from {{ ref("fct_transfer_line") }} as transfers
    inner join skus on transfers.sku = skus.sku
    where transfers.shipped_ts is not null
    union all
    select
        transfers.sku,
        {{ reporting_date("transfers.completed_ts") }} as date_day,
        -transfers.shipped_qty as change_qty
    from {{ ref("fct_transfer_line") }} as transfers
    inner join skus on transfers.sku = skus.sku
    where transfers.shipped_ts is not null and transfers.completed_ts is not null

),

daily as (

    select
        sku,
        date_day,
        sum(change_qty) as change_qty
    from changes
    group by sku, date_day

),

balances as (

    select
        sku,
        date_day,
        lead(date_day, 1, cast('9999-12-31' as date)) over (partition by sku order by date_day) as next_day,
        {{ whole("sum(change_qty) over (partition by sku order by date_day rows unbounded preceding)") }} as free_qty
    from daily

),

days as (

    select
        date_day,
        {{ end_of_local_day("date_day", reporting_zone()) }} as day_end_ts
    from {{ ref("dim_date") }}

),

cuts as (

    select
        promoted.*,
        days.date_day as cut_date,
        days.day_end_ts as cut_ts
    from promoted
    inner join days on promoted.approved_date <= days.date_day and promoted.ends_date >= days.date_day
    where days.day_end_ts <= {{ as_of() }}

),

measured as (

    select
        cuts.promotion_id || '|' || cuts.sku as item_key,
        cuts.*,
        balances.free_qty,
        greatest(cuts.cut_ts, cuts.starts_ts) as demand_from_ts
    from cuts
    left join balances
        on
            cuts.sku = balances.sku
            and cuts.cut_date >= balances.date_day
            and cuts.cut_date < balances.next_day
    where cuts.cut_ts < cuts.ends_ts

),

{%- set due_date = "coalesce(lines.new_date, lines.committed_date, lines.original_commit_date)" %}
{%- set due = local_instant(due_date, "'00:00'", reporting_zone()) %}

{# What suppliers are due to bring before the end, as it stood at the day's end. #}
arrivals as (

    select
        measured.item_key,
        measured.cut_date,
        greatest({{ due }}, measured.cut_ts) as due_ts,
        sum(spans.inbound_qty) as inbound_qty
    from measured
    inner join {{ ref("int_kpi__inbound_span") }} as spans on measured.sku = spans.sku
    inner join {{ ref("fct_purchase_order_line") }} as lines on spans.po_line_key = lines.po_line_key
    where
        spans.from_hour <= {{ full_hour("measured.cut_ts") }}
        and spans.to_hour > {{ full_hour("measured.cut_ts") }}
        and {{ due }} < measured.ends_ts
    group by
        measured.item_key,
        measured.cut_date,
        greatest({{ due }}, measured.cut_ts)

),

{# The stock is lowest just before a delivery, or at the end. #}
points as (

    select
        item_key,
        cut_date,
        due_ts as point_ts,
        (sum(inbound_qty) over (partition by item_key, cut_date order by due_ts rows unbounded preceding))
        - inbound_qty as arrived_qty
    from arrivals
    union all
    select
        measured.item_key,
        measured.cut_date,
        measured.ends_ts as point_ts,
        coalesce(totals.inbound_qty, 0) as arrived_qty
    from measured
    left join (
        select
            item_key,
            cut_date,
            sum(inbound_qty) as inbound_qty
        from arrivals
        group by item_key, cut_date
    ) as totals
        on measured.item_key = totals.item_key and measured.cut_date = totals.cut_date

),

levels as (

    select
        measured.item_key,
        measured.cut_date,
        min(
            {{ decimal_of(
                "measured.free_qty + points.arrived_qty - measured.planned_qty * least(1, greatest(0, cast("
                ~ seconds_between("measured.demand_from_ts", "points.point_ts")
                ~ " as double) / nullif(measured.duration_seconds, 0)))", 18, 6
            ) }}
        ) as least_qty
    from measured
    inner join points on measured.item_key = points.item_key and measured.cut_date = points.cut_date
    group by measured.item_key, measured.cut_date

)

select
    measured.item_key,
    measured.promotion_id,
    measured.sku,
    measured.category,
    measured.channel,
    measured.cut_date,
    measured.cut_ts,
    measured.starts_ts,
    measured.ends_ts,
    measured.withdrawn_ts,
    measured.withdrawn_known_ts,
    measured.planned_qty,
    measured.free_qty,
    case
        when measured.free_qty is not null and measured.planned_qty is not null then levels.least_qty
    end as least_qty,
    measured.row_known_ts,
    measured._file_digest,
    measured._line
from measured
left join levels on measured.item_key = levels.item_key and measured.cut_date = levels.cut_date
