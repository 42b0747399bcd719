"""Increments: which part of the retailer new data and the passing of time touch, so that a build computes that alone.

Belongs here: units, the state that a warehouse was built from, what is touched. Not here: models (dbt computes the
touched part, ``orchestration/merge.py``) or the order of a build's steps (``orchestration``).
"""
