package encode

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/google/uuid"
)

// NewID returns a random UUID of version 4. Its bits are of the generator that
// the Go runtime has for each thread, a ChaCha8 with the system's seed: an id has
// to be unlike all others, and need not be a secret.
func NewID() (id uuid.UUID) {
	const version, variant = 0x4000, 1 << 63
	binary.BigEndian.PutUint64(id[:8], rand.Uint64()&^0xf000|version)
	binary.BigEndian.PutUint64(id[8:], rand.Uint64()>>2|variant)
	return id
}
