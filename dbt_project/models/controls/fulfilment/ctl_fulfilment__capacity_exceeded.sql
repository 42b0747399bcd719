-- Grain: one time at which the units due out at a node on a day passed its capacity, and one row a node and day
-- that came near it. E20: today, or on one of the next two days; it ends when the load is back within, or with
-- the day.
with {{ control_node_load("E20", 2, "loads.load_qty", "loads.units_capacity") }}

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]) }}

{{ control_select(
    "E20",
    "'node_capacity'",
    has=[
        "location", "region", "observed_value", "threshold_value", "value_at_risk_amount", "customers_affected",
        "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
