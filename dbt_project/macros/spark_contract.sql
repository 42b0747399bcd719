{# What Spark needs of dbt's own macros. Nothing about data belongs here. #}

{# The shape that a model's contract promises: Spark knows a text without length by another name. #}
{% macro spark__get_empty_schema_sql(columns) -%}
    {%- set named = {} -%}
    {%- for name, column in columns.items() -%}
        {%- set type = "string" if column["data_type"] | lower == "varchar" else column["data_type"] -%}
        {%- do named.update({name: dict(column, data_type=type)}) -%}
    {%- endfor -%}
    {{- return(default__get_empty_schema_sql(named)) -}}
{%- endmacro %}

{#
A column that must not be null: no constraint of a Parquet table, so it is counted once the table is written. A null ends the
model, as on DuckDB.
#}
{% macro spark__persist_constraints(relation, model) %}
    {%- if config.get("contract").enforced -%}
        {%- set names = [] -%}
        {%- for name, column in model.columns.items() -%}
            {%- for constraint in column.constraints if constraint.type == "not_null" -%}
                {%- do names.append(name) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if names -%}
            {%- set counts = [] -%}
            {%- for name in names -%}
                {%- do counts.append("count(*) filter (where " ~ name ~ " is null)") -%}
            {%- endfor -%}
            {%- set found = run_query("select " ~ counts | join(", ") ~ " from " ~ relation) -%}
            {%- for name in names -%}
                {%- if found.rows[0][loop.index0] > 0 -%}
                    {{ exceptions.raise_compiler_error(relation ~ ": not null constraint failed: " ~ name) }}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
