package onex

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A publisher that has used up its quota is down while a broker makes it wait,
// if that is long. What the broker acknowledges together with that changes
// nothing; what another one does, or it itself later, does.
func TestThrottled(t *testing.T) {
	one, two := kgo.BrokerMetadata{NodeID: 1}, kgo.BrokerMetadata{NodeID: 2}
	for name, tt := range map[string]struct {
		wait, pass time.Duration
		then       func(*clientHooks)
		up         bool
	}{
		"a moment":                       {time.Second, 0, func(*clientHooks) {}, true},
		"long":                           {time.Minute, 0, func(*clientHooks) {}, false},
		"acknowledged with it":           {time.Minute, 0, func(m *clientHooks) { m.OnProduceBatchWritten(one, "t", 0, kgo.ProduceBatchMetrics{}) }, false},
		"acknowledged by another broker": {time.Minute, 0, func(m *clientHooks) { m.OnProduceBatchWritten(two, "t", 0, kgo.ProduceBatchMetrics{}) }, true},
		"acknowledged later":             {time.Minute, time.Minute, func(m *clientHooks) { m.OnProduceBatchWritten(one, "t", 0, kgo.ProduceBatchMetrics{}) }, true},
		"over, and no further event":     {time.Minute, time.Minute, func(m *clientHooks) { m.OnBrokerE2E(one, keyMetadata, kgo.BrokerE2E{}) }, true},
		"an answer before":               {time.Minute, time.Second, func(m *clientHooks) { m.OnBrokerE2E(one, keyMetadata, kgo.BrokerE2E{}) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			clock := new(testClock)
			m := connected(clock)
			m.OnBrokerThrottle(one, tt.wait, true)
			clock.pass(tt.pass)
			tt.then(m)
			if h, _ := m.snapshot(); h.Up != tt.up || (h.Cause == CauseThrottled) == tt.up {
				t.Errorf("health %+v, want up: %t", h, tt.up)
			}
		})
	}
}
