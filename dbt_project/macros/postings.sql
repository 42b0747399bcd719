{# The columns of a posting of contribution: every int_finance__posting_* model ends in the same list, in the same order. #}

{# Dimensions of a posting from a row that carries them; the place may be another one than the row's. #}
{% macro posting_dimensions(relation, location) -%}
    {{ relation }}.channel,
    {{ location }} as location,
    {{ relation }}.region,
    {{ relation }}.category,
    {{ relation }}.supplier,
    {{ relation }}.promotion,
    {{ relation }}.order_type
{%- endmacro %}

{# Evidence of a posting: the row that drives it. #}
{% macro posting_evidence(entity, relation) -%}
    {{ entity }} as source_entity,
    {{ relation }}._file_digest,
    {{ relation }}._line,
    {{ relation }}.received_ts
{%- endmacro %}
