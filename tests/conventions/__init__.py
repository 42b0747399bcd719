"""Habits of the repository that a machine can hold."""
