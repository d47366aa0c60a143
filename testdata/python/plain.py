"""Reads topics with aiokafka alone, without any library for compressed batches, and
prints how many records there are:

    PYTHONPATH=… python plain.py BOOTSTRAP TOPIC…
"""

import asyncio
import sys

sys.modules["cramjam"] = None  # which brings snappy, lz4 and zstd
sys.modules["lz4"] = sys.modules["snappy"] = sys.modules["zstandard"] = None

from aiokafka import AIOKafkaConsumer, TopicPartition  # noqa: E402
from aiokafka.codec import has_lz4, has_snappy, has_zstd  # noqa: E402


async def main(bootstrap, topics):
    assert not (has_snappy() or has_lz4() or has_zstd()), "there is a codec"
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    count = 0
    try:
        partitions = [TopicPartition(t, p) for t in topics for p in consumer.partitions_for_topic(t)]
        due = sum((await consumer.end_offsets(partitions)).values())
        while count < due:
            batches = await consumer.getmany(timeout_ms=1000)
            count += sum(len(records) for records in batches.values())
    finally:
        await consumer.stop()
    print(count)


asyncio.run(main(sys.argv[1], sys.argv[2:]))
