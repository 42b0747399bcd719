{# How this project names schemas. Nothing about data belongs here. #}

{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- Plain names (staging, core, …): one warehouse file holds one environment. -#}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
