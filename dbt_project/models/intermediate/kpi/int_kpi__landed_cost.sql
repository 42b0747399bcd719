-- One row a received purchase-order line and component of its landed cost, over all its receipts; one without
-- component where no cost is known (K80). line_* repeat on the components: read them where is_first.
with received as (
    select
        po_line_key,
        {{ reporting_date('max(receipt_ts)') }} as receipt_date,
        max(location) as location,
        max(region) as region,
        max(category) as category,
        max(supplier) as supplier,
        {{ min_by_keys('_file_digest', ['receipt_id', 'line_no']) }} as _file_digest,
        {{ min_by_keys('_line', ['receipt_id', 'line_no']) }} as _line
    from {{ ref('fct_receipt_line') }}
    where po_line_key is not null and good_qty > 0
    group by po_line_key
),

components as (
    select
        po_line_key,
        component_code,
        sum(standard_amount) as standard_amount,
        sum(actual_amount) as actual_amount,
        count(reporting_rate) = count(*) as has_rate,
        count(standard_amount) = count(*) as has_standard
    from {{ ref('fct_landed_cost') }}
    group by po_line_key, component_code
),

lines as (
    select
        po_line_key,
        sum(standard_amount) as line_standard_amount,
        sum(actual_amount) as line_actual_amount,
        bool_and(has_rate) as has_rate,
        bool_and(has_standard) as has_standard,
        min(component_code) as first_component_code
    from components
    group by po_line_key
)

select
    received.po_line_key,
    components.component_code as reason,
    case
        when lines.po_line_key is null then 'no_data:no_landed_cost'
        when not lines.has_rate then 'no_data:no_rate'
        when not lines.has_standard then 'no_data:no_standard_cost'
    end as exclusion_reason,
    coalesce(components.component_code = lines.first_component_code, true) as is_first,
    cast(components.actual_amount - components.standard_amount as decimal(18, 2)) as variance_amount,
    cast(lines.line_actual_amount - lines.line_standard_amount as decimal(18, 2)) as line_variance_amount,
    cast(lines.line_standard_amount as decimal(18, 2)) as line_standard_amount,
    received.receipt_date,
    received.location,
    received.region,
    received.category,
    received.supplier,
    'receipt_line' as source_entity,
    received._file_digest,
    received._line
from received
left join lines
    on received.po_line_key = lines.po_line_key
left join components
    on received.po_line_key = components.po_line_key
