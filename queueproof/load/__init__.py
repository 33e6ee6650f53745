"""Load runs: profiles, the schedule of arrivals, what was measured, and what it is worth.

The generator itself is a program of its own (the room `load`), since locust patches the
interpreter it runs in. The library never imports it: it writes a spec, starts the program, and
reads what it wrote.
"""
