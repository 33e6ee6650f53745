"""Pure functions over what was observed: no clock, no network, no target."""
