{#
Staging: the latest row of a business key. Equal versions are decided by event time, then digest and line of the file, so
that the order in which files landed never matters. `over_versions` adds what only all versions of a key together tell.
#}

{% macro deduplicated(entity, key, version, event, columns, over_versions={}) -%}
    {%- set order_by = [version] + ([event] if event != version else []) + ["_file_digest", "_line"] -%}
    {%- set whole_key = "over (latest_first rows between unbounded preceding and unbounded following)" -%}
    select
        {%- for column in columns + over_versions | list %}
        {{ column }},
        {%- endfor %}
        received_ts,
        first_received_ts,
        _file_digest,
        _line
    from (
        select
            *,
            {%- for name, aggregate in over_versions.items() %}
            {{ aggregate }} {{ whole_key }} as {{ name }},
            {%- endfor %}
            row_number() over latest_first as version_rank,
            min(received_ts) {{ whole_key }} as first_received_ts
        from {{ source("raw", entity) }}
        window latest_first as (
            partition by {{ key | join(", ") }} order by {{ order_by | join(" desc, ") }} desc
        )
    ) as ranked
    where version_rank = 1
{%- endmacro %}
