"""Reads record values from standard input, one JSON string a line, as OmniNode's
consumer does, and says which it refuses:

    PYTHONPATH=… python validate.py <values
"""

import json
import sys
from importlib.metadata import version

from omnibase_core.models.events.model_event_envelope import ModelEventEnvelope

taken, refused = 0, 0
for line in sys.stdin:
    value = json.loads(line)
    try:
        ModelEventEnvelope[object].model_validate(json.loads(value))
        taken += 1
    except Exception as error:
        refused += 1
        print(f"refused: {value}\n{error}", file=sys.stderr)
print(f"omnibase-core {version('omnibase-core')}: {taken} taken, {refused} refused")
sys.exit(1 if refused or not taken else 0)
