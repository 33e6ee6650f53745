#!/usr/bin/env bash
# The action's one step; inputs come as INPUT_*. What it does is in queueproof/ci.py.
set -euo pipefail
exec python -m queueproof.ci
