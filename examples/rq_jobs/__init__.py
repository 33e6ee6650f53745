"""A small HTTP job API on RQ: what a team's own looks like, and how queueproof judges it.

`api.py` takes jobs and tells their events, any number of processes of it; `worker.py` runs them;
`mapping.toml` says how queueproof speaks to it (docs/generic.md explains it line by line).
"""
