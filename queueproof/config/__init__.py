"""What a run is told: by a TOML file, by options, and by the environment for secrets."""
