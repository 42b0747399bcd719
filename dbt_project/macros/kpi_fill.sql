{#
How metric rows become fct_kpi and fct_kpi_histogram: one statement per metric model, with the groupings of the catalogue.
`kpi_models()` is generated (python -m signalbox.metrics.models --write).
#}

{# Dimensions in the order of the facts' columns. #}
{% macro kpi_dimensions() -%}
    {{- return([
        'channel', 'location', 'region', 'category', 'supplier', 'interface', 'carrier', 'order_type', 'stream', 'reason',
        'promotion', 'role', 'process'
    ]) -}}
{%- endmacro %}

{# Names the metric models to dbt, so that they are built before the fact that their hooks fill. #}
{% macro kpi_depends_on(histogram=false) -%}
    {%- for item in kpi_models() if item.model is defined and (item.durations or not histogram) %}
    -- depends_on: {{ ref(item.model) }}
    {%- endfor %}
{%- endmacro %}

{# The statements that fill a fact, one a metric model. #}
{% macro kpi_hooks(histogram=false) -%}
    {%- set hooks = [] -%}
    {%- for item in kpi_models() if item.durations or not histogram -%}
        {%- do hooks.append("{{ kpi_insert('" ~ item.model ~ "', " ~ histogram ~ ") }}") -%}
    {%- endfor -%}
    {{- return(hooks) -}}
{%- endmacro %}

{# Name of the grouping of a row, from the bits that the engine sets: 'total', 'channel', 'channel+region'. #}
{% macro kpi_grouping_name(dims) -%}
    {%- if dims -%}
    coalesce(nullif(concat_ws('+'
        {%- for name in dims -%}
        , case when grouping({{ name }}) = 0 then '{{ name }}' end
        {%- endfor -%}
    ), ''), 'total')
    {%- else -%}
    'total'
    {%- endif -%}
{%- endmacro %}

{# Log bucket of a number: relative error of at most 1 %; 0 is zero, the sign is kept, and order is kept. #}
{% macro kpi_bucket_index(value) -%}
    case
        when {{ value }} = 0 then 0
        when {{ value }} > 0 then 1000 + cast(ceil(ln(cast({{ value }} as double)) / ln(1.01e0 / 0.99e0)) as integer)
        else -1000 - cast(ceil(ln(cast(-({{ value }}) as double)) / ln(1.01e0 / 0.99e0)) as integer)
    end
{%- endmacro %}

{#
The rows that one metric model (read from `relation`) gives to a fact. Measures of a model differ in their groupings: the select
aggregates all groupings of the model at once and keeps those that the measure declares. An item that has rows by cause (a starred
dimension) counts once, on the row that carries its denominator.
#}
{% macro kpi_select(item, relation, histogram=false) -%}
    {%- set groupings = item.histogram_groupings if histogram else item.groupings -%}
    {%- set dims = [] -%}
    {%- for name in item.dims if name in (groupings | map(attribute='dims') | sum(start=[])) -%}
        {%- do dims.append(name) -%}
    {%- endfor -%}
    {%- set unsplit = [] -%}
    {%- for name in item.starred -%}
        {%- do unsplit.append("coalesce(" ~ name ~ ", 'NONE') = 'NONE'") -%}
    {%- endfor -%}
    {%- set counted = unsplit | join(' and ') or 'true' -%}
    select
        kpi_id,
        period_date,
        grouping_name,
        {%- for name in kpi_dimensions() %}
        {{ name if name in dims else 'cast(null as string)' }} as {{ name }},
        {%- endfor %}
        {%- for name in (['bucket_index'] if histogram else []) + kpi_sums(histogram) %}
        {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            kpi_id,
            period_date,
            {{ kpi_grouping_name(dims) }} as grouping_name,
            {%- for name in dims %}
            {{ name }},
            {%- endfor %}
            {%- if histogram %}
            bucket_index,
            count(*) as item_count
            {%- else %}
            sum(numerator) as numerator,
            sum(denominator) as denominator,
            count(*) filter (where not is_excluded and {{ counted }}) as evaluable_count,
            count(*) filter (where exclusion_reason like 'out:%') as excluded_count,
            count(*) filter (where exclusion_reason like 'no_data:%') as no_data_count,
            count(*) as row_count
            {%- endif %}
        from (
            select
                *
                {%- if histogram %},
                {{ kpi_bucket_index('numerator') }} as bucket_index
                {%- endif %}
            from {{ relation }}
            {%- if histogram %}
            where not is_excluded and kpi_id in ('{{ item.durations | join("', '") }}')
            {%- endif %}
        ) as rows_of_measures
        group by grouping sets (
            {%- for grouping in groupings %}
            (kpi_id, period_date{{ ', bucket_index' if histogram }}
            {%- for name in grouping.dims %}, {{ name }}{% endfor %}){{ ',' if not loop.last }}
            {%- endfor %}
        )
    ) as grouped
    where
        {%- for grouping in groupings %}
        {{ 'or ' if not loop.first }}(grouping_name = '{{ grouping.name }}'
        {%- if grouping.measures %} and kpi_id in ('{{ grouping.measures | join("', '") }}'){% endif %})
        {%- endfor %}
{%- endmacro %}

{# The columns of a fact that are sums. #}
{% macro kpi_sums(histogram=false) -%}
    {{- return(['item_count'] if histogram else [
        'numerator', 'denominator', 'evaluable_count', 'excluded_count', 'no_data_count', 'row_count'
    ]) -}}
{%- endmacro %}

{# Fill this fact from one metric model. #}
{% macro kpi_insert(model_name, histogram=false) -%}
    {%- set item = kpi_models() | selectattr('model', 'equalto', model_name) | first -%}
    insert into {{ this }}
    {{ kpi_select(item, ref(model_name), histogram) }}
    order by kpi_id, grouping_name, period_date
{%- endmacro %}
