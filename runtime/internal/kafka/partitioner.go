package kafka

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Balanced picks partitions by the SHA-256 sum of the key.
func Balanced() kgo.Partitioner {
	return sha256Partitioner(func(_ string, key []byte) []byte { return key })
}

// Hash picks partitions by the SHA-256 sum of "topic:key".
func Hash() kgo.Partitioner {
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
