-- Grain: one refusal of units of a part by its node. E17a: the units are not allocated again within the grace.
with {{ control_part_shortage("E17a", "shortage.shortage_kind = 'rejected'", "shortage.fulfilment_line_id") }}

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_shortage_select("E17a") }}
