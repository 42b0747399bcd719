{#
A returned row is a key that was landed and is not in the model exactly once, or a key of the model that was never landed:
nothing is lost and nothing is multiplied on the way to core. `key` maps landed columns to columns of the model. `parent` names
the entity without whose row the driving row cannot be placed, with the columns that lead to it; such rows are explained.
#}
{% test holds_every_key_of(model, entity, key, parent=none) %}
with

landed as (
    select distinct {% for source_column in key %}landed.{{ source_column }}{{ ", " if not loop.last }}{% endfor %}
    from {{ source("raw", entity) }} as landed
    {%- if parent %}
    inner join (select distinct {{ parent["columns"] | join(", ") }} from {{ source("raw", parent["entity"]) }}) as parents
        on {% for column in parent["columns"] %}landed.{{ column }} = parents.{{ column }}{{ " and " if not loop.last }}{% endfor %}
    {%- endif %}
),

held as (
    select
        {%- for source_column, column in key.items() %}
        {{ column }} as {{ source_column }},
        {%- endfor %}
        count(*) as row_count
    from {{ model }}
    group by {{ key.values() | join(", ") }}
)

select
    {%- for source_column in key %}
    coalesce(landed.{{ source_column }}, held.{{ source_column }}) as {{ source_column }},
    {%- endfor %}
    coalesce(held.row_count, 0) as row_count
from landed
full outer join held
    on {% for source_column in key %}landed.{{ source_column }} = held.{{ source_column }}{{ " and " if not loop.last }}{% endfor %}
where landed.{{ key | first }} is null or held.row_count is null or held.row_count <> 1
{% endtest %}
