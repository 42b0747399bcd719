{# Money, quantities and dimension values: the small forms that every model writes the same way. #}

{#
A sum of money rounded half away from zero to minor units. An expression that divides says `as double` before it does; any
other is decimal and exact.
#}
{% macro money(expression) -%}
    cast({{ rounded_double(expression) if 'as double' in expression else 'round(' ~ expression ~ ', 2)' }} as decimal(18, 2))
{%- endmacro %}

{# A double to two places. The engines agree only when it is said how: the product with 100 to a whole number, half away from zero. #}
{% macro rounded_double(expression) -%}
    {{ adapter.dispatch('rounded_double', 'signalbox')(expression) }}
{%- endmacro %}

{% macro duckdb__rounded_double(expression) -%}
    round({{ expression }}, 2)
{%- endmacro %}

{% macro spark__rounded_double(expression) -%}
    round(({{ expression }}) * 100e0) / 100e0
{%- endmacro %}

{#
A double as decimal(precision, scale). DuckDB rounds the product with the power of ten, Spark the double's own digits: half a
unit of the last place, as in 1961.55 / 1440, goes the same way only when it is said how.
#}
{% macro decimal_of(expression, precision, scale) -%}
    {{ adapter.dispatch('decimal_of', 'signalbox')(expression, precision, scale) }}
{%- endmacro %}

{% macro duckdb__decimal_of(expression, precision, scale) -%}
    cast({{ expression }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{% macro spark__decimal_of(expression, precision, scale) -%}
    cast(round(({{ expression }}) * 1e{{ scale }}) / 1e{{ scale }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{# A whole number from a sum: sums of bigint are wider on some engines. #}
{% macro whole(expression) -%}
    cast({{ expression }} as bigint)
{%- endmacro %}

{# The whole number nearest to a decimal, halves away from zero: a cast alone rounds on one engine and cuts off on another. #}
{% macro nearest(expression) -%}
    cast(round({{ expression }}) as bigint)
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
cumulative shares, each rounded half away from zero. `upto` and `before` are cumulative weights with and without the row, at
most `whole_weight`. Counted in whole cents and thousandths of a weight: half of 19.15 is 9.58, which a double would miss.
#}
{% macro cumulative_part(total, upto, before, whole_weight) -%}
    {%- set cents = "cast((" ~ total ~ ") * 100 as bigint)" -%}
    {%- set whole = "cast(nullif(cast(" ~ whole_weight ~ " as decimal(18, 3)), 0) * 1000 as bigint)" -%}
    cast(
        (
            {{ whole_share(cents, "cast(cast(" ~ upto ~ " as decimal(18, 3)) * 1000 as bigint)", whole) }}
            {%- if before != '0' %}
            - {{ whole_share(cents, "cast(cast(" ~ before ~ " as decimal(18, 3)) * 1000 as bigint)", whole) }}
            {%- endif %}
        ) * 0.01 as decimal(18, 2)
    )
{%- endmacro %}

{# `amount * weight / whole` of whole numbers, rounded half away from zero, as decimal(18, 0). #}
{% macro whole_share(amount, weight, whole) -%}
    {{ adapter.dispatch('whole_share', 'signalbox')(amount, weight, whole) }}
{%- endmacro %}

{# A product of more than 63 bits takes the wide type, which is ten times slower. #}
{% macro duckdb__whole_share(amount, weight, whole) -%}
    cast(
        case
            when abs(cast({{ amount }} as double)) * {{ whole }} < 4e18
                then (2 * {{ amount }} * {{ weight }} + sign({{ amount }}) * {{ whole }}) // (2 * {{ whole }})
            else cast(
                (2 * cast({{ amount }} as hugeint) * {{ weight }} + sign({{ amount }}) * {{ whole }}) // (2 * {{ whole }}) as bigint
            )
        end as decimal(18, 0)
    )
{%- endmacro %}

{% macro spark__whole_share(amount, weight, whole) -%}
    cast(
        (
            2 * cast({{ amount }} as decimal(19, 0)) * cast({{ weight }} as decimal(18, 0))
            + cast(sign({{ amount }}) as decimal(1, 0)) * {{ whole }}
        ) div (2 * cast({{ whole }} as decimal(19, 0))) as decimal(18, 0)
    )
{%- endmacro %}

{# Key of an order line, a return line, a purchase-order line: number and line joined by a bar; null when either is. #}
{% macro line_key(number, line_no) -%}
    {{ number }} || '|' || cast({{ line_no }} as string)
{%- endmacro %}

{# The columns that lead from a row to the file and line it came from. #}
{% macro evidence(entity, relation) -%}
    cast('{{ entity }}' as string) as source_entity,
    {{ relation }}._file_digest,
    {{ relation }}._line,
    {{ relation }}.received_ts,
    {{ relation }}.first_received_ts
{%- endmacro %}

{#
The value on the row with the greatest keys, compared in turn, among the rows that meet `where` and have a value; the keys end
in a unique one, or in the value itself, and are never null.
#}
{% macro max_by_keys(value, keys, where=none) -%}
    {{ adapter.dispatch('by_keys', 'signalbox')('max_by', value, keys, where) }}
{%- endmacro %}

{# The same on the row with the least keys. #}
{% macro min_by_keys(value, keys, where=none) -%}
    {{ adapter.dispatch('by_keys', 'signalbox')('min_by', value, keys, where) }}
{%- endmacro %}

{% macro duckdb__by_keys(aggregate, value, keys, where) -%}
    {{ aggregate }}({{ value }}, {{ keys[0] if keys | length == 1 else '(' ~ keys | join(', ') ~ ')' }})
    {%- if where %} filter (where {{ where }}){% endif %}
{%- endmacro %}

{# Spark takes a row without value as well, so it is left out here. #}
{% macro spark__by_keys(aggregate, value, keys, where) -%}
    {{ aggregate }}({{ value }}, {{ keys[0] if keys | length == 1 else 'struct(' ~ keys | join(', ') ~ ')' }}) filter (
        where {{ value }} is not null{% if where %} and ({{ where }}){% endif %}
    )
{%- endmacro %}

{# Texts of a group joined by a separator, a quoted text, in the order of a unique expression. #}
{% macro joined_in_order(text, separator, order) -%}
    {{ adapter.dispatch('joined_in_order', 'signalbox')(text, separator, order) }}
{%- endmacro %}

{% macro duckdb__joined_in_order(text, separator, order) -%}
    string_agg({{ text }}, {{ separator }} order by {{ order }})
{%- endmacro %}

{% macro spark__joined_in_order(text, separator, order) -%}
    listagg({{ text }}, {{ separator }}) within group (order by {{ order }})
{%- endmacro %}
