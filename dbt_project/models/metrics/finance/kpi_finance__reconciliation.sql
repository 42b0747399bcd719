-- K70 and K73. Grain: one row a measure and reconciliation item: for K70 an item of the reference side past its last
-- day, or one of the other side of which something is open then; for K73 one of the reference side that is cleared;
-- for K73.open_age one of either side that is not.
{% set dims = ['channel', 'region', 'stream'] %}
{% set past = 'due_date < ' ~ reporting_date(as_of()) %}
{% set due = past ~ " and (side_code = 'reference' or open_amount > 0 or open_amount is null)" %}
{% set of_reference = "case when side_code = 'reference' then {} else 0 end" %}
with items as (
    select
        *,
        case when amount is null then 'no_data:no_amount' end as exclusion_reason,
        {{ seconds_between('transaction_ts', 'cleared_ts') }} as cleared_seconds,
        {{ seconds_between('transaction_ts', as_of()) }} as open_seconds
    from {{ ref('fct_reconciliation_item') }}
)

{{ kpi_union([
    kpi_measure(
        'K70', 'items', 'item_key', 'due_date', of_reference.format('matched_amount'),
        "case when side_code = 'reference' then size_amount else open_amount end", dims=dims, where=due
    ),
    kpi_measure(
        'K70.count', 'items', 'item_key', 'due_date', of_reference.format('case when is_cleared then 1 else 0 end'),
        dims=dims, where=due
    ),
    kpi_measure(
        'K73', 'items', 'item_key', reporting_date('cleared_ts'), 'cleared_seconds',
        exclusion=kpi_duration_exclusion('cleared_seconds'), dims=dims, where="side_code = 'reference' and is_cleared"
    ),
    kpi_measure(
        'K73.open_age', 'items', 'item_key', reporting_date(as_of()), 'open_seconds',
        exclusion=kpi_duration_exclusion('open_seconds'), dims=dims, where='not is_cleared'
    ),
]) }}
