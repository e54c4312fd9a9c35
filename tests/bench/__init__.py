"""The benchmarks: `make bench`, or `python -m tests.bench [ofsted] [rates] [lot] [api]`.

Each sets our way beside its peer and its limit in interleaved rounds of one run. Only ratios inside one run travel
from machine to machine; no test asserts them. What may fail is the gate: equal counts and sums, before any figure.
"""
