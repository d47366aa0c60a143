package onex

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// gate keeps Kafka's answers from a client while it is being given a group. The
// client sends what it has whenever it sends anything, lingering or not: if
// Kafka refused the first events of a group before the client had the last, it
// would send those all the same. Behind the gate they fail together.
type gate struct{ mu sync.RWMutex }

var _ kgo.HookBrokerE2E = (*gate)(nil)

func (g *gate) close() { g.mu.Lock() }
func (g *gate) open()  { g.mu.Unlock() }

// OnBrokerE2E is for the client, which goes on with the answer when it returns.
func (g *gate) OnBrokerE2E(kgo.BrokerMetadata, int16, kgo.BrokerE2E) {
	g.mu.RLock()
	defer g.mu.RUnlock()
}
