"""The lab: the real systems, installed, booted as they need to be, and judged.

`recipe` reads what each version range of a system needs (data, one TOML file a range, in
`recipes/`), `install` puts the system into a cache of its own, `booting` makes the data that every
later start begins from, `running` hands the started system to the gate.
"""
