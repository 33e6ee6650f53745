"""A small job queue of its own: a front that takes jobs, workers that run them, Redis between.

It keeps every promise that queueproof judges of any queue (`queueproof serve generic`). Jobs are
run at least once under leases, retried with a pause, delayed, served by priority and then in the
order of their submits; cancels stop what waits and what runs; a worker that is told to stop drains.
"""
