-- K57. Grain: one row a measure and funding agreement.
{% set agreements = ref('fct_supplier_funding') %}
{% set dims = ['region', 'category', 'supplier', 'promotion'] %}
{% set due = 'claim_due_date < ' ~ reporting_date(as_of()) %}
{% set unknown_plan %}
case
    when promotion_status_code = 'withdrawn' then 'out:withdrawn'
    when promotion_status_code = 'draft' then 'out:never_approved'
    when starts_ts is null then 'no_data:unknown_promotion'
    when planned_amount is null then 'no_data:no_plan'
end
{% endset %}
{% set no_accrual = "case when accrued_amount is null then 'no_data:no_accrual' end" %}
{{ kpi_union([
    kpi_measure(
        'K57', agreements, 'agreement_id', 'start_date',
        'case when evidence_ts < starts_ts then planned_amount else 0 end', 'planned_amount',
        exclusion=unknown_plan, dims=dims, where='coalesce(starts_ts <= ' ~ as_of() ~ ', true)'
    ),
    kpi_measure(
        'K57.recovered', agreements, 'agreement_id', 'claim_due_date', 'least(credited_amount, accrued_amount)',
        'accrued_amount', exclusion=no_accrual, dims=dims, where=due
    ),
    kpi_measure(
        'K57.age', agreements, 'agreement_id', reporting_date(as_of()),
        '86400 * ' ~ days_between('claim_due_date', reporting_date(as_of())), exclusion='cast(null as string)',
        dims=dims, where=due ~ ' and credited_amount < accrued_amount'
    ),
]) }}
