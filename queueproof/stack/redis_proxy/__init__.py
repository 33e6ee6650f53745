"""A proxy of ours that understands Redis: faults at one command of one connection."""
