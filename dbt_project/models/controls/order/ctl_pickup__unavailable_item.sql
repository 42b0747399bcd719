-- Grain: one report that a store could not find units of a line that the customer picks up. E25: from then on,
-- until the units are found, come from elsewhere or the customer takes something else.
with {{ control_part_shortage(
    "E25",
    "shortage.shortage_kind in ('short', 'not_found') and line.fulfilment_method_code = 'pickup'",
    "shortage.order_line_key",
    has_grace=false,
) }}

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_shortage_select("E25") }}
