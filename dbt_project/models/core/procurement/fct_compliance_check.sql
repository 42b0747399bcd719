-- Grain: one check of a supplier's delivery against a rule. Weights add up over checks.
select
    checks.check_id,
    checks.supplier_id,
    checks.po_id,
    checks.rule_code,
    checks.weight,
    checks.is_passed,
    checks.checked_ts,
    {{ mapped_dim('checks.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    {{ mapped_dim('checks.supplier_id', 'suppliers.supplier_id') }} as supplier,
    {{ evidence('vendor_compliance_event', 'checks') }}
from {{ ref('stg_erp__vendor_compliance_event') }} as checks
left join {{ ref('dim_location') }} as locations
    on checks.location_id = locations.location_id
left join {{ ref('dim_supplier') }} as suppliers
    on checks.supplier_id = suppliers.supplier_id
