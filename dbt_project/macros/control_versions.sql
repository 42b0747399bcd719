{# What the landed versions of a master record say, for controls that judge since when something holds. #}

{#
A select of the versions of each record of `entity`: `columns`, from when a version held (from_ts, when the source wrote it)
until the next one (to_ts, null for the last), and when the one and the other came (known_ts, to_known_ts). A version that is
delivered again and again is one, and one that the source dates after the build does not hold yet. `next` names columns of
which the following version's value is wanted, too, as next_<name>.
#}
{% macro control_versions(entity, key, columns, next=[]) -%}
    select
        {{ (key + columns) | join(",\n        ") }},
        {%- for name in next %}
        lead({{ name }}) over by_version as next_{{ name }},
        {%- endfor %}
        updated_ts as from_ts,
        lead(updated_ts) over by_version as to_ts,
        known_ts,
        lead(known_ts) over by_version as to_known_ts,
        _file_digest,
        _line
    from (
        select
            *,
            min(received_ts) over (partition by {{ key | join(", ") }}, updated_ts) as known_ts,
            row_number() over (
                partition by {{ key | join(", ") }}, updated_ts order by _file_digest desc, _line desc
            ) as repeat_no
        from {{ source("raw", entity) }}
    ) as landed
    where repeat_no = 1 and updated_ts <= {{ as_of() }}
    window by_version as (partition by {{ key | join(", ") }} order by updated_ts)
{%- endmacro %}

{#
A select of what is open of the orders that the items of `relation` touch, by its column business_key and from_ts: lines that
meet `condition` (of `item` and `line`, equalities) and were open when the item ended, or are now. `relation` has valued_ts,
that instant.
#}
{% macro control_open_orders(relation, condition) -%}
    select
        item.business_key,
        item.from_ts,
        sum({{ control_undelivered_value("line", "item.valued_ts") }}) as value_at_risk_amount,
        count(distinct line.order_id) as open_orders_touched
    from {{ relation }} as item
    inner join {{ ref("fct_order_line") }} as line on {{ condition }}
    where
        line.is_in_scope
        and line.order_ts <= item.valued_ts
        and coalesce(line.closed_ts > item.valued_ts, true)
    group by item.business_key, item.from_ts
{%- endmacro %}
