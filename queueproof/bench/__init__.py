"""Benchmarks: what the reference costs beside the stack it stands on and the real systems.

Each part measures its subjects one after another in the same run, on the same machine, and gives
rows; rows become `bench.json`, a page with tables and plots, and nothing else knows what they are.
"""
