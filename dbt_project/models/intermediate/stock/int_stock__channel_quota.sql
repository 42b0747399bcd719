-- One row a channel and item with a quota or protection in force at the build's instant: what the channel's orders
-- left of it since the row was written.
with

policies as (
    select
        *,
        row_number() over (partition by sku, channel_id order by valid_from desc) as choice
    from {{ ref('stg_erp__channel_allocation') }}
    where valid_from <= {{ reporting_date(as_of()) }}
),

sold as (
    select
        policies.sku,
        policies.channel_id,
        {{ whole('sum(lines.ordered_qty - lines.cancelled_qty)') }} as sold_qty
    from policies
    inner join {{ ref('fct_order_line') }} as lines
        on
            policies.sku = lines.sku
            and policies.channel_id = lines.channel_id
            and policies.valid_from <= lines.order_date
            and policies.updated_ts <= lines.order_ts
    where policies.choice = 1 and not lines.is_test
    group by policies.sku, policies.channel_id
)

select
    policies.sku,
    policies.channel_id,
    -- `greatest` passes over nulls: no quota would count as a quota of nothing
    case when policies.quota_qty is not null then greatest(policies.quota_qty - coalesce(sold.sold_qty, 0), 0) end
        as quota_remaining_qty,
    greatest(coalesce(policies.protection_qty, 0) - coalesce(sold.sold_qty, 0), 0) as unconsumed_protection_qty,
    policies._file_digest,
    policies._line,
    policies.received_ts,
    policies.first_received_ts
from policies
left join sold
    on
        policies.sku = sold.sku
        and policies.channel_id = sold.channel_id
where policies.choice = 1
