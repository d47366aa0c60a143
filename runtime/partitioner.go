package onex

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/twmb/franz-go/pkg/kgo"
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
func BalancedPartitioner() kgo.Partitioner {
	return sha256Partitioner(func(_ string, key []byte) []byte { return key })
}

// HashPartitioner picks partitions as the Python reference does with
// KAFKA_PARTITIONING_STRATEGY=hash: like [BalancedPartitioner], but by the sum
// of "topic:key".
func HashPartitioner() kgo.Partitioner {
	return sha256Partitioner(func(topic string, key []byte) []byte {
		return append([]byte(topic+":"), key...)
	})
}

// sha256Partitioner takes the first 32 bits of the sum of what hashed returns,
// modulo the number of partitions.
func sha256Partitioner(hashed func(topic string, key []byte) []byte) kgo.Partitioner {
	return kgo.BasicConsistentPartitioner(func(topic string) func(*kgo.Record, int) int {
		return func(r *kgo.Record, n int) int {
			sum := sha256.Sum256(hashed(topic, r.Key))
			return int(binary.BigEndian.Uint32(sum[:4]) % uint32(n))
		}
	})
}
