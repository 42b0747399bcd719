"""Assets: the feeds, dbt's models, the snapshot. Their bodies call one step of the build session each."""
