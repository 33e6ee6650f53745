"""Exploratory testing: generated schedules, judged by a model, made short.

A schedule is data: steps such as *submit job 1 on worker a* or *drop stream 2*. A rule-based
state machine (Hypothesis) writes them without touching the target, so a seed gives the same
schedules whatever the target does, and many are played side by side. The player records what was
observed; the model, a pure function over that record, says what may not have been.
"""
