{# Laws of the KPI facts and of metric rows, as generic tests. #}

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

{# A returned row breaks the law of metric rows: its numbers are known, and those of an excluded item are zero. #}
{% test kpi_row_law(model) %}
    select
        kpi_id,
        item_key,
        period_date,
        numerator,
        denominator,
        exclusion_reason
    from {{ model }}
    where
        numerator is null
        or denominator is null
        or period_date is null
        or item_key is null
        or is_excluded != (exclusion_reason is not null)
        or (is_excluded and (numerator != 0 or denominator != 0))
        or (is_excluded and exclusion_reason not like 'out:%' and exclusion_reason not like 'no_data:%')
{% endtest %}
