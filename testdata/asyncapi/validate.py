"""Validates events against the schemas of their topics, and against those of a
document, and sees that damaged ones are refused.

    validate.py DOCUMENT FOLDER < JSON lines with topic and value
"""

import copy
import json
import pathlib
import sys

import jsonschema

document = json.loads(pathlib.Path(sys.argv[1]).read_text())
folder = pathlib.Path(sys.argv[2])

# By channel: the file alone, and the document's schema with what it refers to.
validators = {}
for channel, about in document["channels"].items():
    alone = json.loads((folder / f"{channel}.schema.json").read_text())
    (reference,) = [m["$ref"] for m in about["messages"].values()]
    message = document["components"]["messages"][reference.split("/")[-1]]
    within = {**message["payload"], "components": document["components"]}
    topic = about["address"]
    for name, parameter in about.get("parameters", {}).items():
        topic = topic.replace("{" + name + "}", parameter["default"])
    validators[topic] = []
    for schema in alone, within:
        jsonschema.Draft7Validator.check_schema(schema)
        validators[topic].append(jsonschema.Draft7Validator(schema))


def damages(event):
    """Yields copies of an event that its contract does not allow."""
    places = [(), *((key,) for key in ("payload", "metadata"))]
    for place in places:
        for key in event if not place else event[place[0]]:
            if place and key in ("metadata", "correlation_id"):
                continue  # not all events have them
            for value in [], 1, ...:
                damaged = copy.deepcopy(event)
                inner = damaged[place[0]] if place else damaged
                if value is ...:
                    del inner[key]
                elif value == 1 and (isinstance(inner[key], (int, float)) or key == "timeout_seconds"):
                    continue
                else:
                    inner[key] = value
                yield f"{'.'.join((*place, key))} is {value}", damaged
    yield "event_type is another", {**event, "event_type": "effect.other.started"}
    for summary in "input_summary", "result_summary":
        if event["payload"].get(summary):
            damaged = copy.deepcopy(event)
            damaged["payload"][summary] = dict.fromkeys(damaged["payload"][summary], 1)
            yield f"{summary} has a value", damaged


count = 0
for line in sys.stdin:
    record = json.loads(line)
    count += 1
    for validator in validators[record["topic"]]:
        validator.validate(record["value"])
        for what, damaged in damages(record["value"]):
            if validator.is_valid(damaged):
                sys.exit(f"{record['topic']}: the schema does not notice that {what}")
if not count:
    sys.exit("no events were published")
print(f"python: {count} events are valid by {len(validators)} schemas")
