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
dimension) counts once, on the row that carries its denominator. `only` names the measures wanted, if not all.
#}
{% macro kpi_select(item, relation, histogram=false, only=none) -%}
    {%- set groupings = item.histogram_groupings if histogram else item.groupings -%}
    {%- set dims = [] -%}
    {%- for name in item.dims if name in (groupings | map(attribute='dims') | sum(start=[])) -%}
        {%- do dims.append(name) -%}
    {%- endfor -%}
    {%- set counted = item.starred | map('replace', 'reason', "coalesce(reason, 'NONE') = 'NONE'") | join(' and ') or 'true' -%}
    {%- set wanted = item.durations if histogram else none -%}
    {%- if only is not none -%}
        {%- set wanted = only if wanted is none else wanted | select('in', only) | list -%}
    {%- endif -%}
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
            {%- if histogram or wanted is not none %}
            where {{ 'not is_excluded' if histogram else 'true' }} and kpi_id in ('{{ wanted | join("', '") }}')
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

{# Fill this fact from one metric model: all of it, or in an increment what differs. #}
{% macro kpi_insert(model_name, histogram=false) -%}
    {%- set item = kpi_models() | selectattr('model', 'equalto', model_name) | first -%}
    {%- if is_increment() and execute and load_relation(this) is not none -%}
    {{ kpi_insert_change(item, histogram) }}
    {%- else -%}
    insert into {{ this }}
    {{ kpi_select(item, ref(model_name), histogram) }}
    order by kpi_id, grouping_name, period_date
    {%- endif -%}
{%- endmacro %}

{#
What differs, into increment.more_<fact> (rows to add and, negative, to take away) and increment.again_<fact> (measures that are
summed anew: those that stand on the day of the build, and all of a model that does not consist of units).
#}
{% macro kpi_insert_change(item, histogram) -%}
    {%- set relation = ref(item.model) -%}
    {%- set noted = run_query(
        "select change_code, is_harmless from increment.change where node_name = '" ~ item.model ~ "'"
    ) -%}
    {%- set code = noted.columns[0].values()[0] -%}
    {%- set touches = code != 'unchanged' and scalar(
        "select count(*) from increment.unit_metric where node_name = '" ~ item.model ~ "'"
    ) > 0 and noted.columns[1].values()[0] -%}
    {%- set measures = item.durations if histogram else item.measures -%}
    {%- set again = [] if code == 'unchanged' else (measures | select('in', item.now) | list) if touches else measures -%}
    {%- set more = (measures | reject('in', again) | list) if touches else [] -%}
    {%- if again %}
    insert into increment.again_{{ model.name }} {{ kpi_select(item, relation, histogram, again) }};
    insert into increment.kpi_again_{{ model.name }} values ('{{ again | join("'), ('") }}');
    {%- endif %}
    {%- if more %}
    insert into increment.more_{{ model.name }} {{ kpi_select(item, 'touched_metrics.' ~ item.model, histogram, more) }};
    insert into increment.more_{{ model.name }}
    select
        * replace (
            {%- for name in kpi_sums(histogram) %}
            -{{ name }} as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    from ({{ kpi_select(item, 'before_metrics.' ~ item.model, histogram, more) }}) as gone;
    {%- endif %}
{%- endmacro %}

{# The facts that merge sums instead of rows. #}
{% macro fact_merges() -%}
    {{- return(['fct_kpi', 'fct_kpi_histogram']) -}}
{%- endmacro %}

{# Statements: empty tables for what differs. #}
{% macro begin_merge() -%}
    {%- for name in ['again_', 'more_'] %}
    create or replace table increment.{{ name ~ model.name }} as select * from {{ this }} limit 0;
    {%- endfor %}
    create or replace table increment.kpi_again_{{ model.name }} (kpi_id varchar)
{%- endmacro %}

{# Statements: merge what the hooks found; the measures and days that differ are left in increment.keys_<fact>. #}
{% macro finish_merge() -%}
    {%- set histogram = model.name == 'fct_kpi_histogram' -%}
    {%- set sums = kpi_sums(histogram) -%}
    {%- set group = (['kpi_id', 'period_date', 'grouping_name'] + kpi_dimensions() + (['bucket_index'] if histogram else [])) | join(', ') -%}
    {%- set keys = "increment.keys_" ~ model.name -%}
    {%- set again_ids = "select kpi_id from increment.kpi_again_" ~ model.name -%}
    {%- set old_again = "select * from " ~ this ~ " where kpi_id in (" ~ again_ids ~ ")" -%}
    {%- set on_keys = "semi join " ~ keys ~ " as keys on facts.kpi_id = keys.kpi_id and facts.period_date = keys.period_date" -%}
    create or replace table {{ keys }} as
    select distinct kpi_id, period_date from (
        select kpi_id, period_date from increment.more_{{ model.name }} group by {{ group }}
        having {% for name in sums %}sum({{ name }}) <> 0{{ ' or ' if not loop.last }}{% endfor %}
        union all
        select kpi_id, period_date from (
            (select * from increment.again_{{ model.name }} except all {{ old_again }})
            union all
            ({{ old_again }} except all select * from increment.again_{{ model.name }})
        ) as differing
    ) as changed;
    create or replace table increment.fresh_{{ model.name }} as
    select
        {{ group }},
        {%- for name in sums %}
        cast(sum({{ name }}) as {{ 'decimal(38, 6)' if name in ['numerator', 'denominator'] else 'bigint' }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select facts.* from {{ this }} as facts {{ on_keys }} where facts.kpi_id not in ({{ again_ids }})
        union all
        select facts.* from increment.more_{{ model.name }} as facts {{ on_keys }}
    ) as parts
    group by {{ group }}
    having sum({{ sums[-1] }}) <> 0
    union all
    select facts.* from increment.again_{{ model.name }} as facts {{ on_keys }};
    delete from {{ this }} as facts using {{ keys }} as keys
    where facts.kpi_id = keys.kpi_id and facts.period_date = keys.period_date;
    insert into {{ this }} select * from increment.fresh_{{ model.name }};
    {{ note_change("(select case when count(*) = 0 then 'unchanged' else 'keys' end from " ~ keys ~ ")") }}
{%- endmacro %}
