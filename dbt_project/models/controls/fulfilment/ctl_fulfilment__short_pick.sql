-- Grain: one closed pick that found less than it was asked for, of an order to deliver. E17b: the rest is
-- neither found nor allocated again within the grace. A short pick of a pickup order is E25, damaged units are
-- E23.
with {{ control_part_shortage(
    "E17b",
    "shortage.shortage_kind = 'short' and line.fulfilment_method_code is distinct from 'pickup'",
    "shortage.fulfilment_line_id",
) }}

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_shortage_select("E17b") }}
