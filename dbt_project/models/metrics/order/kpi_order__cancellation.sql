-- K07. Grain: one row an order line and node that held its units (denominator), and one a cancellation (numerator, by
-- reason).
{% set dims = ['channel', 'location', 'region', 'category', 'order_type', 'reason'] %}
with ordered as (
    select
        lines.order_line_key || '|' || coalesce(sources.location, lines.location) as item_key,
        {{ reporting_date('lines.order_ts') }} as period_date,
        coalesce(
            {{ kpi_unit_exclusion() }},
            case when not evidence.has_cancellation then 'no_data:no_cancellation_evidence' end
        ) as exclusion_reason,
        coalesce(sources.ordered_qty, lines.ordered_qty) as ordered_qty,
        lines.channel,
        coalesce(sources.location, lines.location) as location,
        lines.region,
        lines.category,
        lines.order_type,
        'NONE' as reason,
        lines.source_entity,
        lines._file_digest,
        lines._line
    from {{ ref('fct_order_line') }} as lines
    left join {{ ref('int_kpi__unit_source') }} as sources on lines.order_line_key = sources.order_line_key
    cross join {{ ref('int_kpi__evidence') }} as evidence
),

cancelled as (
    select
        cancellations.*,
        {{ reporting_date('cancellations.order_ts') }} as period_date,
        cancellations.initiator_code || ':' || cancellations.class_code as reason
    from {{ ref('fct_cancellation') }} as cancellations
    cross join {{ ref('int_kpi__evidence') }} as evidence
    where cancellations.is_unit_scope and evidence.has_cancellation
)

{{ kpi_union([
    kpi_measure('K07', 'ordered', 'item_key', 'period_date', '0', 'ordered_qty', dims=dims),
    kpi_measure(
        'K07', 'cancelled', 'cancellation_key', 'period_date', 'cancelled_qty', '0', exclusion='cast(null as string)', dims=dims
    ),
]) }}
