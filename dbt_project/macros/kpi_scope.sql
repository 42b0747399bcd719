{# Who is in the population of a KPI, said once. Reasons read 'out:<rule>' or 'no_data:<why>'. #}

{# Why an order line is out of the KPIs that count units: kits count as their components. #}
{% macro kpi_unit_exclusion() -%}
    case when not is_unit_scope then 'out:' || coalesce(scope_exclusion_code, 'kit') end
{%- endmacro %}

{# Why an order is out of the order KPIs. #}
{% macro kpi_order_exclusion() -%}
    case when is_test then 'out:test' when not is_in_scope then 'out:not_goods' end
{%- endmacro %}

{#
How a promise was kept: kept, early or late; null before its end. A line that is not complete is late. Pickups, and promises
without a beginning, cannot be early.
#}
{% macro kpi_promise_outcome(earliest_ts, latest_ts) -%}
    case
        when {{ latest_ts }} is null or {{ latest_ts }} > {{ as_of() }} then null
        when actual_ts is null or actual_ts > {{ latest_ts }} then 'late'
        when fulfilment_method_code = 'delivery' and actual_ts < {{ earliest_ts }} then 'early'
        else 'kept'
    end
{%- endmacro %}
