"""The load generator: a program of its own, since locust patches the interpreter it runs in.

`queueproof load` writes a spec and starts locust with the one locustfile here. Profiles are
data, in `profiles/`.
"""
