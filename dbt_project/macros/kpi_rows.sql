{#
The one shape of a metric row, and what an item may be excluded for. A metric model is a union of measures; each measure
is one call of kpi_measure over a table of items. What a KPI means stands in the models, never here.
#}

{#
One measure of a KPI as a select: a row for each item of `source`.

kpi_id       id of the measure, such as K02.early
source       relation with one row an item and the columns named below, source_entity, _file_digest and _line
item_key     expression: key of the item
period_date  expression: day of the reporting zone to which the item belongs
numerator    expression; durations in seconds
denominator  expression
exclusion    expression: why the item is left out ('out:<rule>' or 'no_data:<why>'), null when it counts
dims         dimensions of the measure, columns of `source`; `reason` may also be given as an expression
where        condition of the items, if not all
#}
{% macro kpi_measure(
    kpi_id, source, item_key, period_date, numerator, denominator='1', exclusion='exclusion_reason', dims=[], reason='reason',
    where=none
) -%}
    select
        '{{ kpi_id }}' as kpi_id,
        {{ item_key }} as item_key,
        {{ period_date }} as period_date,
        {%- for name in [
            'channel', 'location', 'region', 'category', 'supplier', 'interface', 'carrier', 'order_type', 'stream', 'reason',
            'promotion', 'role', 'process'
        ] %}
        {{ (reason if name == 'reason' else name) if name in dims else 'cast(null as string)' }} as {{ name }},
        {%- endfor %}
        cast(case when {{ exclusion }} is null then {{ numerator }} else 0 end as decimal(38, 6)) as numerator,
        cast(case when {{ exclusion }} is null then {{ denominator }} else 0 end as decimal(38, 6)) as denominator,
        {{ exclusion }} is not null as is_excluded,
        cast({{ exclusion }} as string) as exclusion_reason,
        source_entity,
        _file_digest,
        _line
    from {{ source }}
    {%- if where %}
    where {{ where }}
    {%- endif %}
{%- endmacro %}

{# Measures of one metric model, one below the other. #}
{% macro kpi_union(measures) -%}
    {{ measures | join('\nunion all\n') }}
{%- endmacro %}

{# Exclusion of a duration between two instants of an item that is in scope: unknown, or negative. #}
{% macro kpi_duration_exclusion(seconds) -%}
    coalesce(
        exclusion_reason,
        case
            when {{ seconds }} is null then 'no_data:missing_instant'
            when {{ seconds }} < 0 then 'no_data:negative_duration'
        end
    )
{%- endmacro %}
