-- K71. Grain: one row a channel, order type and day on which orders or store sales were created (denominator, on
-- stream NONE), and one an item in a stretch of work on a reconciliation stream (numerator, by stream), in minutes.
{% set dims = ['channel', 'order_type', 'stream'] %}
{% set minutes = decimal_of('cast(handling_seconds as double) / 60', 38, 6) %}
with work as (
    select
        *,
        stream_code as stream,
        case when ended_ts < started_ts then 'no_data:negative_duration' end as exclusion_reason
    from {{ ref('fct_work_log') }}
    where stream_code is not null
)

{{ kpi_union([
    kpi_measure(
        'K71', ref('int_kpi__created_sale'), 'created_key', 'created_date', '0', 'created_count',
        exclusion='cast(null as string)', dims=dims
    ),
    kpi_measure('K71', 'work', 'work_id', reporting_date('started_ts'), minutes, '0', dims=dims),
]) }}
