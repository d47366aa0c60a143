"""OmniNode's own event bus, at both ends of Kafka:

    PYTHONPATH=… python bus.py consume BOOTSTRAP TOPIC…
    PYTHONPATH=… python bus.py bury BOOTSTRAP TOPIC DEAD-LETTER-TOPIC
    PYTHONPATH=… python bus.py publish BOOTSTRAP TOPIC

consume has a handler for the event type of each topic, and prints what each got,
one JSON object a line, until each had something. bury has none, until there is a
dead letter. publish publishes one event, and prints its ids.
"""

import asyncio
import json
import logging
import sys
from contextlib import asynccontextmanager
from uuid import uuid4

from aiokafka import AIOKafkaConsumer
from omnibase_core.enums.enum_execution_shape import EnumMessageCategory
from omnibase_core.models.contracts.subcontracts.model_event_bus_subcontract import ModelEventBusSubcontract
from omnibase_core.models.dispatch.model_dispatch_route import ModelDispatchRoute
from omnibase_core.models.events.model_event_envelope import ModelEventEnvelope
from omnibase_core.models.primitives.model_semver import ModelSemVer
from omnibase_infra.event_bus.event_bus_kafka import EventBusKafka
from omnibase_infra.event_bus.models.config.model_kafka_event_bus_config import ModelKafkaEventBusConfig
from omnibase_infra.runtime.event_bus_subcontract_wiring import EventBusSubcontractWiring
from omnibase_infra.runtime.message_dispatch_engine import MessageDispatchEngine

PATIENCE = 120  # seconds


def new_bus(bootstrap):
    settings = {"bootstrap_servers": bootstrap, "environment": "python", "auto_offset_reset": "earliest"}
    return EventBusKafka.from_config(ModelKafkaEventBusConfig.default().model_copy(update=settings))


def event_type_of(topic):
    return ".".join(topic.split(".")[2:4])


@asynccontextmanager
async def subscribed(bootstrap, engine, topics):
    engine.freeze()
    bus = new_bus(bootstrap)
    await bus.start()
    wiring = EventBusSubcontractWiring(
        event_bus=bus, dispatch_engine=engine, environment="python", node_name="reader", service=uuid4().hex, version="v1"
    )
    subcontract = ModelEventBusSubcontract(version=ModelSemVer(major=1, minor=0, patch=0), subscribe_topics=topics)
    await wiring.wire_subscriptions(subcontract, "reader")
    yield
    await wiring.cleanup()
    await bus.close()


async def consume(bootstrap, topics):
    missing = {event_type_of(topic) for topic in topics}
    done = asyncio.Event()
    engine = MessageDispatchEngine()

    def handler_of(event_type):
        async def handle(envelope):
            got = envelope.model_dump(mode="json") if hasattr(envelope, "model_dump") else envelope
            print(json.dumps({"handler": event_type, "got": got}), flush=True)
            missing.discard(event_type)
            if not missing:
                done.set()

        return handle

    for topic in topics:
        name = event_type_of(topic)
        engine.register_dispatcher(
            dispatcher_id=name, dispatcher=handler_of(name), category=EnumMessageCategory.EVENT, message_types={name}
        )
        engine.register_route(
            ModelDispatchRoute(
                route_id=name, topic_pattern=topic, message_category=EnumMessageCategory.EVENT, handler_id=name
            )
        )
    async with subscribed(bootstrap, engine, topics):
        await asyncio.wait_for(done.wait(), PATIENCE)


async def bury(bootstrap, topic, letters):
    reader = AIOKafkaConsumer(letters, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await reader.start()
    async with subscribed(bootstrap, MessageDispatchEngine(), [topic]):
        await asyncio.wait_for(reader.getone(), PATIENCE)
    await reader.stop()


async def publish(bootstrap, topic):
    bus = new_bus(bootstrap)
    await bus.start()
    envelope = ModelEventEnvelope[object](
        payload={"document": "d-1"}, correlation_id=uuid4(), event_type=event_type_of(topic), source_tool="python"
    )
    await bus.publish_envelope(envelope, topic)
    await bus.close()
    print(json.dumps({"envelope_id": str(envelope.envelope_id), "correlation_id": str(envelope.correlation_id)}))


if __name__ == "__main__":
    logging.disable(logging.ERROR)
    what, bootstrap, *topics = sys.argv[1:]
    asyncio.run(consume(bootstrap, topics) if what == "consume" else {"bury": bury, "publish": publish}[what](bootstrap, *topics))
