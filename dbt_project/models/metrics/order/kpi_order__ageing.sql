-- K06. Grain: one row a measure and open order, on the day of the build.
{% set orders = ref('int_kpi__open_order') %}
{% set dims = ['channel', 'location', 'region', 'order_type'] %}
{% set build_date = reporting_date(as_of()) %}
{% set age = seconds_between('order_ts', as_of()) %}
{% set known = 'coalesce(exclusion_reason, open_exclusion_reason)' %}
{% set promised = "coalesce(" ~ known ~ ", case when promise_latest_ts is null then 'no_data:no_promise' end)" %}
{{ kpi_union([
    kpi_measure(
        'K06', orders, 'order_id', build_date, age,
        exclusion='coalesce(open_exclusion_reason, ' ~ kpi_duration_exclusion(age) ~ ')', dims=dims
    ),
    kpi_measure(
        'K06.value', orders, 'order_id', build_date, 'open_amount',
        exclusion="coalesce(" ~ known ~ ", case when open_amount is null then 'no_data:no_price' end)", dims=dims
    ),
    kpi_measure(
        'K06.overdue', orders, 'order_id', build_date, "case when promise_latest_ts < " ~ as_of() ~ " then 1 else 0 end",
        exclusion=promised, dims=dims
    ),
    kpi_measure(
        'K06.to_promise', orders, 'order_id', build_date, seconds_between(as_of(), 'promise_latest_ts'), exclusion=promised,
        dims=dims
    ),
]) }}
