-- K61. Grain: one row a measure and return line. The stages add up to the whole; over the counter a return begins with
-- its receipt and has no way by carrier. Stages stand on the day of the disposition, as the whole does.
{% set lines = ref('int_kpi__return_scope') %}
{% set dims = ['channel', 'location', 'region', 'category', 'reason'] %}
{% set over_the_counter = "case when is_in_store then 'out:over_the_counter' end" %}
{{ kpi_union([
    kpi_measure(
        'K61', lines, 'return_key', 'disposed_date', 'cycle_seconds', exclusion=kpi_duration_exclusion('cycle_seconds'),
        dims=dims, where='disposed_date is not null'
    ),
    kpi_measure(
        'K61.carrier', lines, 'return_key', 'disposed_date', 'carrier_seconds',
        exclusion="coalesce(" ~ over_the_counter ~ ", " ~ kpi_duration_exclusion('carrier_seconds') ~ ")", dims=dims,
        where='disposed_date is not null'
    ),
    kpi_measure(
        'K61.receive', lines, 'return_key', 'disposed_date', 'receive_seconds',
        exclusion="coalesce(" ~ over_the_counter ~ ", " ~ kpi_duration_exclusion('receive_seconds') ~ ")", dims=dims,
        where='disposed_date is not null'
    ),
    kpi_measure(
        'K61.inspect', lines, 'return_key', 'disposed_date', 'inspect_seconds',
        exclusion=kpi_duration_exclusion('inspect_seconds'), dims=dims, where='disposed_date is not null'
    ),
    kpi_measure(
        'K61.dispose', lines, 'return_key', 'disposed_date', 'dispose_seconds',
        exclusion=kpi_duration_exclusion('dispose_seconds'), dims=dims, where='disposed_date is not null'
    ),
    kpi_measure(
        'K61.open_age', lines, 'return_key', reporting_date(as_of()), seconds_between('started_ts', as_of()),
        exclusion=kpi_duration_exclusion(seconds_between('started_ts', as_of())), dims=dims,
        where="disposed_ts is null and exposure_state is not null and exposure_state <> 'not_credited'"
    ),
]) }}
