-- One row a channel, item and span of full hours in which what is left of its quota or protection (K27) stays the same.
-- An amount is what was left when its row was written: hours of its first day before that are not known.
with

limits as (
    select * from {{ ref('int_kpi__limit_version') }}
),

in_force as (
    select * from limits
    where from_hour < to_hour
),

sales as (
    select
        limits.sku,
        limits.channel_id,
        limits.from_hour,
        limits.to_hour,
        lines.order_line_key,
        lines.ordered_qty,
        {{ full_hour('lines.order_ts') }} as hour_no
    from in_force as limits
    inner join {{ ref('fct_order_line') }} as lines
        on
            limits.sku = lines.sku
            and limits.channel_id = lines.channel_id
            and limits.start_ts <= lines.order_ts
            and limits.to_hour > {{ full_hour('lines.order_ts') }}
    where not lines.is_test
),

changes as (
    select
        sku,
        channel_id,
        from_hour,
        from_hour as hour_no,
        0 as sold_qty
    from in_force

    union all

    select
        sku,
        channel_id,
        from_hour,
        hour_no,
        ordered_qty as sold_qty
    from sales

    union all

    -- what is cancelled is left again, from then on
    select
        sales.sku,
        sales.channel_id,
        sales.from_hour,
        {{ full_hour('cancellations.event_ts') }} as hour_no,
        -cancellations.cancelled_qty as sold_qty
    from sales
    inner join {{ ref('fct_cancellation') }} as cancellations
        on sales.order_line_key = cancellations.order_line_key
    where {{ full_hour('cancellations.event_ts') }} < sales.to_hour
),

hours as (
    select
        sku,
        channel_id,
        from_hour,
        hour_no,
        sum(sold_qty) as sold_qty
    from changes
    group by sku, channel_id, from_hour, hour_no
),

steps as (
    select
        *,
        sum(sold_qty) over (
            partition by sku, channel_id, from_hour order by hour_no rows unbounded preceding
        ) as sold_upto_qty,
        lead(hour_no) over (partition by sku, channel_id, from_hour order by hour_no) as next_hour
    from hours
)

select
    limits.channel_id,
    limits.sku,
    steps.hour_no as from_hour,
    coalesce(steps.next_hour, limits.to_hour) as to_hour,
    -- `greatest` passes over nulls: no quota would count as a quota of nothing
    {{ whole('case when limits.quota_qty is not null then greatest(limits.quota_qty - steps.sold_upto_qty, 0) end') }}
        as quota_remaining_qty,
    {{ whole('greatest(coalesce(limits.protection_qty, 0) - steps.sold_upto_qty, 0)') }} as unconsumed_protection_qty,
    true as is_known
from in_force as limits
inner join steps
    on
        limits.sku = steps.sku
        and limits.channel_id = steps.channel_id
        and limits.from_hour = steps.from_hour

union all

select
    channel_id,
    sku,
    first_hour as from_hour,
    least(written_hour, end_hour) as to_hour,
    cast(null as bigint) as quota_remaining_qty,
    cast(0 as bigint) as unconsumed_protection_qty,
    false as is_known
from limits
where version_no = 1 and first_hour < least(written_hour, end_hour)
