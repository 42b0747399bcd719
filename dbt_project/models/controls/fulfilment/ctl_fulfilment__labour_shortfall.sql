-- Grain: one time at which the units due out at a node on a day asked for more minutes of labour than are
-- rostered, and one row a node and day that came near it. E21: today, or on one of the next three days; it ends
-- when the load is within the lower limit, or with the day.
with {{ control_node_load(
    "E21", 3, "loads.load_qty * loads.standard_unit_minutes",
    "case when loads.standard_unit_minutes is not null then loads.rostered_minutes end",
) }}

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]) }}

{{ control_select(
    "E21",
    "'node_capacity'",
    has=[
        "location", "region", "observed_value", "threshold_value", "value_at_risk_amount", "customers_affected",
        "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
