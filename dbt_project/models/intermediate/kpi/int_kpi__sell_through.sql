-- One row an item, location and ended window of four weeks in which it had stock or sales (K38). Windows begin on
-- Mondays, four weeks apart, counted from 5 January 1970.
with

movements as (
    select
        *,
        cast(floor({{ days_between("'1970-01-05'", reporting_date('event_ts')) }} / 28e0) as bigint) as window_no
    from {{ ref('fct_stock_movement') }}
    where state_code = 'sellable'
),

totals as (
    select
        location_id,
        sku,
        window_no,
        sum(quantity) as change_qty,
        sum(case when movement_type in ('sale', 'ship', 'collect') then -quantity else 0 end) as sold_qty,
        sum(
            case
                when movement_type in ('receipt', 'transfer_in', 'return', 'opening', 'transfer_out') then quantity
                else 0
            end
        ) as supplied_qty,
        max(location) as location,
        max(region) as region,
        max(category) as category,
        max(supplier) as supplier,
        {{ max_by_keys('_file_digest', ['event_ts', 'movement_id']) }} as _file_digest,
        {{ max_by_keys('_line', ['event_ts', 'movement_id']) }} as _line
    from movements
    group by location_id, sku, window_no
),

spans as (
    select
        *,
        sum(change_qty) over (partition by location_id, sku order by window_no rows unbounded preceding) as closing_qty,
        lead(window_no) over (partition by location_id, sku order by window_no) as next_window_no
    from totals
),

windows as (
    select distinct cast(floor({{ days_between("'1970-01-05'", 'date_day') }} / 28e0) as bigint) as window_no
    from {{ ref('dim_date') }}
    where {{ add_days('date_day', 28) }} <= {{ reporting_date(as_of()) }}
)

select
    spans.location_id || '|' || spans.sku || '|' || cast(windows.window_no as string) as window_key,
    {{ add_days("'1970-01-05'", 'windows.window_no * 28 + 27') }} as window_end_date,
    cast(case when windows.window_no = spans.window_no then spans.sold_qty else 0 end as bigint) as sold_qty,
    cast(
        case
            when windows.window_no = spans.window_no then spans.closing_qty - spans.change_qty + spans.supplied_qty
            else spans.closing_qty
        end as bigint
    ) as offered_qty,
    cast(spans.closing_qty as bigint) as closing_qty,
    spans.location,
    spans.region,
    spans.category,
    spans.supplier,
    'inventory_movement' as source_entity,
    spans._file_digest,
    spans._line
from spans
inner join windows
    on
        spans.window_no <= windows.window_no
        and windows.window_no < coalesce(spans.next_window_no, 999999)
where windows.window_no = spans.window_no or spans.closing_qty <> 0
