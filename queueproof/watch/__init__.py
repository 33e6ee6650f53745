"""`queueproof watch`: a canary that asks a deployment every so often whether its workers work.

`looking` makes one round of small jobs, `standing` keeps what is green and what is red, `metrics`
and `alerts` say so to others, `keeping` does all that for ever.
"""
