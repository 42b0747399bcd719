-- K72. Grain: one row a measure and posting of a contribution step of a sale line. Amounts are signed: positive
-- raises contribution.
{% set dims = ['channel', 'location', 'region', 'category', 'supplier', 'promotion', 'order_type'] %}
{% set postings = ref('fct_contribution') %}
{% set no_amount = "case when amount is null then 'no_data:' || coalesce(missing_code, 'no_amount') end" %}
{% set net_sales = 'case when is_net_sales then amount else 0 end' %}
{{ kpi_union([
    kpi_measure('K72', postings, 'contribution_id', 'posting_date', 'amount', net_sales, exclusion=no_amount, dims=dims),
    kpi_measure(
        'K72.gross_margin', postings, 'contribution_id', 'posting_date', 'amount', net_sales, exclusion=no_amount, dims=dims,
        where='is_gross_margin'
    ),
    kpi_measure(
        'K72.amount', postings, 'contribution_id', 'posting_date', 'amount', exclusion=no_amount, dims=dims + ['reason'],
        reason='step_code'
    ),
    kpi_measure(
        'K72.cohort', postings, 'contribution_id', 'coalesce(order_date, posting_date)', 'amount', net_sales,
        exclusion="coalesce(case when order_date is null then 'out:no_order' end, " ~ no_amount ~ ")", dims=dims
    ),
]) }}
