package command

import (
	"testing"
	"time"
)

func TestSince(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"10m":                       now.Add(-10 * time.Minute),
		"0s":                        now,
		"2d":                        now.Add(-48 * time.Hour),
		"2026-11-25T10:00:00+02:00": time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC),
		"2026-11-24 10:30":          time.Date(2026, 11, 24, 10, 30, 0, 0, time.Local),
		"2026-11-24 10:30:15":       time.Date(2026, 11, 24, 10, 30, 15, 0, time.Local),
		"2026-11-24":                time.Date(2026, 11, 24, 0, 0, 0, 0, time.Local),
	} {
		if got, err := ParseSince(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s is %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-5m", "-2d", "d", "99999d", "yesterday", "12:00"} {
		if got, err := ParseSince(text, now); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
