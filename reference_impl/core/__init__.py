"""Rules without I/O: no clock, no randomness, no Redis, no async. ``now`` comes in."""
