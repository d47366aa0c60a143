"""Reads topics from their beginning to their end with the CloudEvents SDK for Python, and
prints each event as a line of JSON:

    PYTHONPATH=… python3 read.py BOOTSTRAP TOPIC…
"""

import asyncio
import json
import sys
from datetime import datetime, timedelta, timezone

from aiokafka import AIOKafkaConsumer, TopicPartition
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def line(record):
    event = from_binary_event(KafkaMessage(headers=dict(record.headers), key=record.key, value=record.value))
    return json.dumps(
        {
            "id": event.get_id(),
            "type": event.get_type(),
            "source": event.get_source(),
            "time": (event.get_time() - EPOCH) // timedelta(microseconds=1),
            "datacontenttype": event.get_datacontenttype(),
            "partitionkey": event.get_extension("partitionkey"),
            "data": event.get_data(),
        }
    )


async def main(bootstrap, topics):
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(t, p) for t in topics for p in consumer.partitions_for_topic(t)]
        due = sum((await consumer.end_offsets(partitions)).values())
        while due > 0:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    print(line(record))
                    due -= 1
    finally:
        await consumer.stop()


asyncio.run(main(sys.argv[1], sys.argv[2:]))
