"""Reads contracts from standard input, YAML documents that each have what a contract.yaml says of
published events, and checks them as omnibase-core and the bus do:

    PYTHONPATH=… python contract.py <contracts
"""

import sys

import yaml
from omnibase_core.enums.enum_execution_shape import EnumMessageCategory
from omnibase_core.enums.enum_node_type import EnumNodeType
from omnibase_core.models.contracts.model_published_event_entry import ModelPublishedEventEntry
from omnibase_core.models.contracts.subcontracts.model_event_bus_subcontract import ModelEventBusSubcontract
from omnibase_infra.utils.util_onex_topic_format import TopicValidationResult, validate_onex_topic_format

contracts = list(yaml.safe_load_all(sys.stdin))
published = 0
for contract in contracts:
    EnumNodeType(contract["node_type"])
    bus = ModelEventBusSubcontract.model_validate(contract["event_bus"])
    entries = contract["published_events"]
    names = {entry["event_type"] for entry in entries}
    assert len(names) == len(entries), f"two events have one name: {entries}"
    for entry in entries:
        assert EnumMessageCategory[entry.pop("message_category")] is EnumMessageCategory.EVENT
        event = ModelPublishedEventEntry.model_validate(entry)
        assert event.topic in bus.publish_topics, event
        assert validate_onex_topic_format(event.topic)[0] is TopicValidationResult.VALID, event
        published += 1
print(f"{len(contracts)} contracts, {published} events")
