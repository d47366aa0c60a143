"""Reads contracts from standard input, YAML documents that each are a contract.yaml, and
checks them as omnibase-core, the bus and its runtime do:

    PYTHONPATH=… python contract.py <contracts
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from omnibase_core.enums.enum_execution_shape import EnumMessageCategory
from omnibase_core.models.contracts.model_contract_compute import ModelContractCompute
from omnibase_core.models.contracts.model_contract_effect import ModelContractEffect
from omnibase_core.models.contracts.model_contract_orchestrator import ModelContractOrchestrator
from omnibase_core.models.contracts.model_contract_reducer import ModelContractReducer
from omnibase_core.models.contracts.model_published_event_entry import ModelPublishedEventEntry
from omnibase_core.models.contracts.subcontracts.model_event_bus_subcontract import ModelEventBusSubcontract
from omnibase_core.validation.validator_contracts import load_and_validate_yaml_model, validate_yaml_file
from omnibase_infra.runtime.auto_wiring.discovery import discover_contracts_from_paths
from omnibase_infra.runtime.contract_topic_router import build_topic_router_from_contract
from omnibase_infra.utils.util_onex_topic_format import TopicValidationResult, validate_onex_topic_format

MODELS = {
    "EFFECT_GENERIC": ModelContractEffect,
    "COMPUTE_GENERIC": ModelContractCompute,
    "REDUCER_GENERIC": ModelContractReducer,
    "ORCHESTRATOR_GENERIC": ModelContractOrchestrator,
}

documents = sys.stdin.read().split("---\n")[1:]
names = set()
published = 0
for document in documents:
    whole = load_and_validate_yaml_model(document)
    contract = yaml.safe_load(document)
    names.add(contract["name"])
    assert whole.node_type.value == contract["node_type"], whole
    with TemporaryDirectory() as folder:
        path = Path(folder, "contract.yaml")
        path.write_text(document)
        assert not (errors := validate_yaml_file(path)), errors
        manifest = discover_contracts_from_paths([path])
        assert not manifest.errors, manifest.errors
        (discovered,) = manifest.contracts
    bus = ModelEventBusSubcontract.model_validate(contract["event_bus"])
    letters = [topic.replace("onex.evt.", "onex.dlq.") for topic in bus.publish_topics]  # where the publisher puts them
    ModelEventBusSubcontract.model_validate({**contract["event_bus"], "dlq_topics": letters})
    assert all(validate_onex_topic_format(topic)[0] is TopicValidationResult.VALID for topic in letters), letters
    entries = contract["published_events"]
    assert discovered.event_bus.publish_topics == tuple(bus.publish_topics) == tuple(e["topic"] for e in entries)
    # Of two events with one name the later one wins.
    assert len(build_topic_router_from_contract(contract)) == len(entries), entries
    for entry in entries:
        assert EnumMessageCategory[entry.pop("message_category")] is EnumMessageCategory.EVENT
        event = ModelPublishedEventEntry.model_validate(entry)
        assert validate_onex_topic_format(event.topic)[0] is TopicValidationResult.VALID, event
        published += 1
    # The model of the node's type calls published_events otherwise, as one of them has
    # another field of that name, and wants what only the node's author knows.
    del contract["published_events"]
    authors = {"input_model": "node.Input", "output_model": "node.Output", "performance": {"single_operation_max_ms": 1000}}
    node = MODELS[contract["node_type"]].model_validate({**contract, **authors, "yaml_published_events": entries})
    assert len(node.yaml_published_events) == len(entries)
assert len(names) == len(documents), names
print(f"{len(documents)} contracts, {published} events")
