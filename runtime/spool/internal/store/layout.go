package store

import (
	"encoding/binary"

	"go.etcd.io/bbolt"

	"github.com/omninode-ai/onexevents/runtime/spool/internal/record"
)

// The file is a tree of buckets:
//
//	head       topic → removed: what is removed of the oldest segment
//	operation  operation → operation
//	state      "last" → highest
//	topic      topic → segment → Seq → event
//
// A segment has the events of a topic from the Seq that names it up to the name
// of the next, and is dropped whole. Heads come before the events that they
// say something about, which is so because of their names.
var (
	headBucket      = []byte("head")
	operationBucket = []byte("operation")
	stateBucket     = []byte("state")
	topicBucket     = []byte("topic")

	lastKey = []byte("last")
)

const (
	// growBy is how much a file of more than that grows at a time.
	growBy = 1 << 20

	// A segment is full with so many events or bytes: what is removed of it
	// takes up room until it is dropped.
	segmentEvents = 1024
	segmentBytes  = 256 << 10

	// maxKeySize is what bbolt takes as a key.
	maxKeySize = 32768
)

// seqKey sorts as the number does.
func seqKey(seq uint64) []byte {
	return binary.BigEndian.AppendUint64(nil, seq)
}

// seqOf returns the number of a seqKey, and whether it is one.
func seqOf(key []byte) (uint64, bool) {
	if len(key) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(key), true
}

// createBuckets makes an empty spool of an empty file.
func createBuckets(tx *bbolt.Tx) error {
	for _, name := range [][]byte{headBucket, operationBucket, stateBucket, topicBucket} {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	last := record.Record{Kind: record.Highest, Stamp: stampOf(tx)}
	return tx.Bucket(stateBucket).Put(lastKey, last.Encode())
}

func stampOf(tx *bbolt.Tx) uint64 { return uint64(tx.ID()) }
