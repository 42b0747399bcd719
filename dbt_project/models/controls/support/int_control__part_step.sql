-- Grain: one version of a part of a line that was short: the units that the part still stands for (`live_qty`), and
-- those of the version before it (null: this is the first).
{{ config(contract={"enforced": false}) }}

with versions as (

    select
        versions.*,
        lines.order_line_key,
        case
            when versions.status_code = 'assigned' then versions.requested_qty
            when versions.status_code in ('rejected', 'cancelled') then 0
            else least(versions.requested_qty, greatest(versions.picked_qty, versions.shipped_qty))
        end as live_qty,
        row_number() over (
            partition by versions.fulfilment_line_id, versions.version_no
            order by versions.received_ts, versions._file_digest, versions._line
        ) as copy_no
    from {{ source("raw", "fulfilment_line") }} as versions
    inner join {{ ref("int_control__short_line") }} as lines
        on versions.order_id = lines.order_id and versions.line_no = lines.line_no

)

select
    fulfilment_line_id,
    version_no,
    order_line_key,
    location_id,
    status_code,
    requested_qty,
    live_qty,
    lag(live_qty) over (partition by fulfilment_line_id order by version_no) as earlier_qty,
    assigned_ts,
    updated_ts,
    received_ts,
    _file_digest,
    _line
from versions
where copy_no = 1
