-- Grain: one funding agreement of a supplier for a promotion, its last state. Amounts are in reporting currency at
-- the rate of the promotion's start and add up over agreements; accrued and credited are the same money twice.
with agreements as (
    select
        agreements.*,
        promotions.starts_ts,
        promotions.ends_ts,
        promotions.status_code as promotion_status_code,
        promotions.promotion_id as known_promotion_id,
        {{ reporting_date('coalesce(promotions.starts_ts, agreements.updated_ts)') }} as start_date
    from {{ ref('stg_erp__supplier_funding') }} as agreements
    left join {{ ref('dim_promotion') }} as promotions
        on agreements.promotion_id = promotions.promotion_id
)

select
    agreements.agreement_id,
    agreements.promotion_id,
    agreements.supplier_id,
    agreements.sku,
    {{ money('agreements.planned_amount * rates.reporting_rate') }} as planned_amount,
    {{ money('agreements.accrued_amount * rates.reporting_rate') }} as accrued_amount,
    {{ money('coalesce(agreements.credited_amount, 0) * rates.reporting_rate') }} as credited_amount,
    agreements.evidence_ts,
    agreements.claim_due_date,
    agreements.starts_ts,
    agreements.ends_ts,
    agreements.start_date,
    agreements.promotion_status_code,
    {{ mapped_dim('agreements.promotion_id', 'agreements.known_promotion_id') }} as promotion,
    {{ mapped_dim('agreements.supplier_id', 'suppliers.supplier_id') }} as supplier,
    case when agreements.sku is null then 'NONE' else coalesce(products.category, 'UNKNOWN') end as category,
    coalesce(entities.region, 'UNKNOWN') as region,
    {{ evidence('supplier_funding', 'agreements') }}
from agreements
left join {{ ref('dim_legal_entity') }} as entities
    on entities.is_main
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        agreements.currency_code = rates.currency_code
        and agreements.start_date = rates.rate_date
left join {{ ref('dim_supplier') }} as suppliers
    on agreements.supplier_id = suppliers.supplier_id
left join {{ ref('dim_product') }} as products
    on agreements.sku = products.sku
