"""Wrong versions of the KPI models, made by a program: a proof that the tests would notice.

``change`` makes them from the SQL that dbt compiled; ``hunt`` asks the unit tests, and then the twins, which of them
they notice. Not here: the tests that ask for the share (``tests/dbt/test_mutants.py``).
"""
