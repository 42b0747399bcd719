"""Speed and memory as ratios, measured by programs that run one after the other in turns on the same machine.

Not here: tests. A timing is never asserted; ``python -m tests.benchmarks`` prints a table and writes JSON.
"""
