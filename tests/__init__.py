"""Tests: unit, dbt, integration, browser, conventions and benchmarks."""
