-- Grain: one spell of late messages of an interface, other than stock (E29). E65f: limit reached in a clock
-- hour, or a message unapplied for a multiple of the service level.
with {{ control_message_spells("E65f", "not message.is_stock", "message.interface") }}

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]) }}

{{ control_select(
    "E65f",
    "'integration_message'",
    has=[
        "interface", "observed_value", "threshold_value", "value_at_risk_amount", "customers_affected",
        "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
