-- One row a location and item with claims on its stock, or units to come, at the build's instant.
with

claims as (
    select
        location_id,
        sku,
        case when reservation_type = 'hard' and is_active then quantity else 0 end as hard_reserved_qty,
        case when reservation_type = 'soft' and is_active and not is_expired then quantity else 0 end
            as soft_reserved_qty,
        0 as committed_transfer_out_qty,
        0 as firm_inbound_qty
    from {{ ref('fct_reservation') }}
    where is_active

    union all

    select
        from_location_id as location_id,
        sku,
        0 as hard_reserved_qty,
        0 as soft_reserved_qty,
        committed_out_qty as committed_transfer_out_qty,
        0 as firm_inbound_qty
    from {{ ref('fct_transfer_line') }}
    where committed_out_qty > 0

    union all

    select
        location_id,
        sku,
        0 as hard_reserved_qty,
        0 as soft_reserved_qty,
        0 as committed_transfer_out_qty,
        open_qty as firm_inbound_qty
    from {{ ref('fct_purchase_order_line') }}
    where
        open_qty > 0
        and coalesce(last_ack_type, 'none') <> 'rejected'
        and coalesce(new_date, committed_date, original_commit_date)
        <= {{ add_days(reporting_date(as_of()), 14) }}
)

select
    location_id,
    sku,
    {{ whole('sum(hard_reserved_qty)') }} as hard_reserved_qty,
    {{ whole('sum(soft_reserved_qty)') }} as soft_reserved_qty,
    {{ whole('sum(committed_transfer_out_qty)') }} as committed_transfer_out_qty,
    {{ whole('sum(firm_inbound_qty)') }} as firm_inbound_qty
from claims
group by location_id, sku
