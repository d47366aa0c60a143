package encode

import (
	"crypto/rand"
	"sync"

	"github.com/google/uuid"
)

// randomness is drawn for many ids at a time, because asking the system costs
// more than all the rest of an id.
type randomness struct {
	bytes [64 * len(uuid.UUID{})]byte
	used  int
}

var drawn = sync.Pool{New: func() any { return &randomness{used: len(randomness{}.bytes)} }}

// NewID returns a random UUID of version 4.
func NewID() (id uuid.UUID) {
	r := drawn.Get().(*randomness)
	defer drawn.Put(r)
	if r.used == len(r.bytes) {
		_, _ = rand.Read(r.bytes[:]) // which ends the process rather than fail
		r.used = 0
	}
	r.used += copy(id[:], r.bytes[r.used:])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}
