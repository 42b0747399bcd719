"""The Great Expectations adapter: suites, their registry, the runner and its results."""
