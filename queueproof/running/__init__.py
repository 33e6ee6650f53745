"""Running cases: what they are marked with, what they run on, and the loop that overlaps them."""
