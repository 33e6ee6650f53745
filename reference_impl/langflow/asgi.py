"""What Gunicorn's workers load.

With preload, importing this module in the master is what the workers then share.
"""

from __future__ import annotations

import os

from reference_impl.langflow.application import Application
from reference_impl.langflow.settings import load

app = Application(load(os.environ))
