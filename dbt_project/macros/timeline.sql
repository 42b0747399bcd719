{#
The events of one relation in the shape of the order timeline. `columns` names what the relation has of step_code, line_no, quantity,
location, actor_type, detail, promise_earliest_ts and promise_latest_ts; the rest is null (location: NONE).
#}

{% macro timeline_events(relation, step_code, event_ts, system_code, entity, columns) -%}
    {%- set types = {
        'line_no': 'bigint', 'quantity': 'bigint', 'location': 'string', 'actor_type': 'string', 'detail': 'string',
        'promise_earliest_ts': 'timestamp', 'promise_latest_ts': 'timestamp'
    } -%}
    select
        order_id,
        {{ event_ts }} as event_ts,
        received_ts,
        {{ columns['step_code'] if step_code is none else "'" ~ step_code ~ "'" }} as step_code,
        '{{ system_code }}' as system_code,
        {%- for name, type in types.items() %}
        {{ columns.get(name, "'NONE'" if name == 'location' else 'cast(null as ' ~ type ~ ')') }} as {{ name }},
        {%- endfor %}
        '{{ entity }}' as source_entity,
        _file_digest,
        _line
    from {{ relation }}
{%- endmacro %}
