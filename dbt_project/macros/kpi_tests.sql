{# Laws of the KPI facts, as generic tests. Those of metric rows are suites on the snapshot's files. #}

{# A returned row is a measure, period, grouping and slice that stands more than once. #}
{% test kpi_unique_row(model, columns) %}
    select
        kpi_id,
        period_date,
        grouping_name,
        count(*) as row_count
    from {{ model }}
    group by
        kpi_id, period_date, grouping_name
        {%- for name in kpi_dimensions() + columns %}, {{ name }}{% endfor %}
    having count(*) > 1
{% endtest %}
