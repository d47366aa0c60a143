package encode

import (
	"sync"
	"testing"

	"github.com/google/uuid"
)

// Ids are of version 4 and the standard variant, and no two are the same,
// whoever asks for them at once.
func TestNewID(t *testing.T) {
	const goroutines, each = 8, 2000
	ids := make([][]uuid.UUID, goroutines)
	var wg sync.WaitGroup
	for g := range ids {
		wg.Go(func() {
			for range each {
				ids[g] = append(ids[g], NewID())
			}
		})
	}
	wg.Wait()
	seen := map[uuid.UUID]bool{}
	for _, list := range ids {
		for _, id := range list {
			if id.Version() != 4 || id.Variant() != uuid.RFC4122 {
				t.Fatalf("%v is of version %v, %v", id, id.Version(), id.Variant())
			}
			seen[id] = true
		}
	}
	if len(seen) != goroutines*each {
		t.Errorf("%d different ids, want %d", len(seen), goroutines*each)
	}
}
