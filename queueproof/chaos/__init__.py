"""Playing declared outages: scenarios from `chaos/*.toml`, one runner, one judgement.

`scenario` reads what is declared, `plan` makes errands of it, `play` carries one scenario through
its phases, `judging` turns its history into verdicts, `run` plays many side by side.
"""
