-- Grain: one spell of late stock messages of a source location over an interface. E29: limit reached in a
-- clock hour, or a message unapplied for a multiple of the service level.
with {{ control_message_spells("E29", "message.is_stock", "message.interface || '|' || message.location") }}

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]) }}

{{ control_select(
    "E29",
    "'integration_message'",
    has=[
        "location", "region", "interface", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
