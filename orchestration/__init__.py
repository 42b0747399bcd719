"""The Dagster adapter: assets, checks, sensors, schedules and resources; no retail rule lives here."""
