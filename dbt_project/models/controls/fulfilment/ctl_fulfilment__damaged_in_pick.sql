-- Grain: one report that units of a part were damaged at its node, an adjustment for damage that names the
-- order. E23: no replacement is assigned within the grace.
with {{ control_part_shortage("E23", "shortage.shortage_kind = 'damaged'", "shortage.fulfilment_line_id") }}

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_shortage_select("E23") }}
