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

{# Evidence of a posting: the row that drives it, and the column that says when it was known if that is not its last version. #}
{% macro posting_evidence(entity, relation, known="received_ts") -%}
    {{ entity }} as source_entity,
    {{ relation }}._file_digest,
    {{ relation }}._line,
    {{ relation }}.{{ known }}{{ " as received_ts" if known != "received_ts" }}
{%- endmacro %}

{#
What a schedule charges on a part of an order line, in the order's currency: the rate on its principal, and the fixed fee on the
line's first part. `parts` and `fees` are aliases of int_finance__expected_part and int_finance__scheduled_fee.
#}
{% macro scheduled_fee(parts, fees) -%}
    {{ money(parts ~ ".principal_amount_local * " ~ fees ~ ".rate_share") }}
    + case when {{ parts }}.is_first_part then {{ fees }}.fixed_amount else 0 end
{%- endmacro %}
