"""One file a page: settings, then data, then render. Each is named after its address and its dbt exposure."""
