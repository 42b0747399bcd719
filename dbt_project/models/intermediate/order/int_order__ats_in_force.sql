-- One row an order line whose channel showed a quantity available to sell when it was ordered: the publication in
-- force then. A publication is in force from the moment the channel shows it until it shows the next.
with

publications as (
    select
        sku,
        channel_id,
        live_ts,
        max(published_ts) as published_ts,
        {{ max_by_keys('ats_qty', ['published_ts', 'ats_qty']) }} as ats_qty
    from {{ ref('stg_ecommerce__ats_publication') }}
    where live_ts is not null
    group by sku, channel_id, live_ts
),

marks as (
    select
        sku,
        channel_id,
        live_ts as mark_ts,
        live_ts,
        '' as order_line_key
    from publications

    union all

    select
        lines.sku,
        lines.channel_id,
        lines.order_ts as mark_ts,
        cast(null as timestamp) as live_ts,
        lines.order_line_key
    from {{ ref('int_order__line_scope') }} as lines
    where lines.channel_id in (select distinct published.channel_id from publications as published)
),

last_shown as (
    select
        sku,
        channel_id,
        order_line_key,
        max(live_ts) over (
            partition by sku, channel_id order by mark_ts, order_line_key rows unbounded preceding
        ) as live_ts
    from marks
)

select
    last_shown.order_line_key,
    publications.ats_qty as ats_in_force_qty,
    publications.published_ts as ats_published_ts
from last_shown
inner join publications
    on
        last_shown.sku = publications.sku
        and last_shown.channel_id = publications.channel_id
        and last_shown.live_ts = publications.live_ts
where last_shown.order_line_key <> ''
