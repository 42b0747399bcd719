-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "sales_order",
    key=["order_id"],
    version="version_no",
    event="order_ts",
    columns=[
        "order_id",
        "external_order_key",
        "channel_id",
        "order_type",
        "order_ts",
        "expected_ship_ts",
        "customer_id",
        "region_code",
        "ship_to_country_code",
        "ship_to_postcode",
        "pickup_location_id",
        "currency_code",
        "prices_include_tax",
        "shipping_amount",
        "tax_amount",
        "total_amount",
        "original_order_id",
        "is_test",
        "version_no",
        "updated_ts",
    ],
    over_versions={
        "charges_complete_ts": ["min", "case when shipping_amount is not null and tax_amount is not null then updated_ts end"],
        "charges_known_ts": ["min", "case when shipping_amount is not null and tax_amount is not null then received_ts end"],
    }
) }}
