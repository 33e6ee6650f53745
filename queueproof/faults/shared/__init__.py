"""What several faults are made of, and what cases and exploration inject without a scenario."""
