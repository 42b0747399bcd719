{#
Staging: the latest row of a business key. Equal versions are decided by event time, then digest and line of the file, so
that the order in which files landed never matters. `over_versions` adds what only all versions of a key together tell:
name -> [aggregate, expression of a row]. Only keys that came more than once are ranked: sorting every row of a feed would
cost several times the time and memory.
#}

{% macro deduplicated(entity, key, version, event, columns, over_versions={}) -%}
    {%- set order_by = [version] + ([event] if event != version else []) + ["_file_digest", "_line"] -%}
    {%- set latest_first = "partition by " ~ key | join(", ") ~ " order by " ~ order_by | join(" desc, ") ~ " desc" -%}
    {%- set whole_key = "over (" ~ latest_first ~ " rows between unbounded preceding and unbounded following)" -%}
    with

    repeated as (
        select {{ key | join(", ") }}
        from {{ source("raw", entity) }}
        group by {{ key | join(", ") }}
        having count(*) > 1
    )

    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {%- for name, parts in over_versions.items() %}
        {{ parts[1] }} as {{ name }},
        {%- endfor %}
        received_ts,
        received_ts as first_received_ts,
        _file_digest,
        _line
    from {{ source("raw", entity) }} as landed
    where not exists (
        select 1 from repeated
        where {% for column in key %}landed.{{ column }} = repeated.{{ column }}{{ " and " if not loop.last }}{% endfor %}
    )

    union all

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
            landed.*,
            {%- for name, parts in over_versions.items() %}
            {{ parts[0] }}({{ parts[1] }}) {{ whole_key }} as {{ name }},
            {%- endfor %}
            row_number() over ({{ latest_first }}) as version_rank,
            min(received_ts) {{ whole_key }} as first_received_ts
        from {{ source("raw", entity) }} as landed
        inner join repeated using ({{ key | join(", ") }})
    ) as ranked
    where version_rank = 1
{%- endmacro %}
