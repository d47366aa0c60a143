package onex

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/internal/kafka"
)

// BalancedPartitioner picks partitions as the Python reference does by default
// (KAFKA_PARTITIONING_STRATEGY=balanced): by the SHA-256 sum of the key
// (contract, section 4). It is for a fleet in which Go and Python nodes publish
// to the same topics:
//
//	kgo.RecordPartitioner(onex.BalancedPartitioner())
//
// Without it a publisher picks them as Kafka's own clients do (murmur2); events
// of one key that come from both languages then have no common order.
func BalancedPartitioner() kgo.Partitioner { return kafka.Balanced() }

// HashPartitioner picks partitions as the Python reference does with
// KAFKA_PARTITIONING_STRATEGY=hash: like [BalancedPartitioner], but by the sum
// of "topic:key".
func HashPartitioner() kgo.Partitioner { return kafka.Hash() }
