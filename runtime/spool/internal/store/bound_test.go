package store

import (
	"testing"
	"time"
)

// No event is too old that was stamped before the clock had been set at all.
func TestAgeByUnsetClock(t *testing.T) {
	const week = 7 * 24 * time.Hour
	booted := time.Unix(1000, 0) // by a clock that has not been set
	right := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		at   time.Time
		want bool
	}{
		"yesterday":         {right.Add(-24 * time.Hour), false},
		"two weeks ago":     {right.Add(-2 * week), true},
		"by an unset clock": {booted, false},
	} {
		if got := (Bound{Before: right.Add(-week)}).isOld(tt.at); got != tt.want {
			t.Errorf("%s: old %v", name, got)
		}
	}
}
