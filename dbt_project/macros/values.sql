{# Money, quantities and dimension values: the small forms that every model writes the same way. #}

{# A sum of money rounded half away from zero to minor units. #}
{% macro money(expression) -%}
    cast(round({{ expression }}, 2) as decimal(18, 2))
{%- endmacro %}

{# A whole number from a sum: sums of bigint are wider on some engines. #}
{% macro whole(expression) -%}
    cast({{ expression }} as bigint)
{%- endmacro %}

{# The value of a dimension that an item may not have. #}
{% macro dim(expression) -%}
    coalesce({{ expression }}, 'NONE')
{%- endmacro %}

{# The value of a dimension with a master: its own code where the master knows it, `UNKNOWN` where not, `NONE` without one. #}
{% macro mapped_dim(code, master_key) -%}
    case when {{ code }} is null then 'NONE' when {{ master_key }} is null then 'UNKNOWN' else {{ code }} end
{%- endmacro %}

{#
The part of a total that falls on this row, so that parts of one total add up to the last minor unit: the difference of two
rounded cumulative shares. `upto` and `before` are cumulative weights with and without the row.
#}
{% macro cumulative_part(total, upto, before, whole_weight) -%}
    cast(
        round(({{ total }}) * cast({{ upto }} as decimal(18, 3)) / nullif(cast({{ whole_weight }} as decimal(18, 3)), 0), 2)
        - round(({{ total }}) * cast({{ before }} as decimal(18, 3)) / nullif(cast({{ whole_weight }} as decimal(18, 3)), 0), 2)
        as decimal(18, 2)
    )
{%- endmacro %}

{# Key of an order line, a return line, a purchase-order line: number and line joined by a bar; null when either is. #}
{% macro line_key(number, line_no) -%}
    {{ number }} || '|' || cast({{ line_no }} as varchar)
{%- endmacro %}

{# The columns that lead from a row to the file and line it came from. #}
{% macro evidence(entity, relation) -%}
    cast('{{ entity }}' as varchar) as source_entity,
    {{ relation }}._file_digest,
    {{ relation }}._line,
    {{ relation }}.received_ts,
    {{ relation }}.first_received_ts
{%- endmacro %}

{#
The value on the row with the greatest keys, compared in turn, among the rows that meet `where`; the keys end in a unique one
and are never null.
#}
{% macro max_by_keys(value, keys, where='true') -%}
    {{ adapter.dispatch('max_by_keys', 'signalbox')(value, keys, where) }}
{%- endmacro %}

{% macro duckdb__max_by_keys(value, keys, where) -%}
    max_by({{ value }}, ({{ keys | join(', ') }})) filter (where {{ where }})
{%- endmacro %}
