package spool

import (
	"testing"
	"time"
)

// A clock that is set forward while the spool is open makes no event old.
func TestAgeOfClocks(t *testing.T) {
	booted := time.Unix(1000, 0) // by a clock that has not been set
	right := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		opened, wall time.Time
		passed       time.Duration
		want         time.Time
	}{
		"an hour":                {right, right.Add(time.Hour), time.Hour, right.Add(time.Hour)},
		"set right after a boot": {booted, right, time.Hour, booted.Add(time.Hour)},
		"set back by a day":      {right, right.Add(-24 * time.Hour), time.Hour, right.Add(-24 * time.Hour)},
	} {
		if got := earlier(tt.opened, tt.wall, tt.passed); !got.Equal(tt.want) {
			t.Errorf("%s: now is %v, want %v", name, got, tt.want)
		}
	}
}
