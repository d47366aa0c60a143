package command

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// stamps are how a point in time may be written; without a zone it is in the
// machine's.
var stamps = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"}

// ParseSince reads how long ago something was, as 10m or 2d, or when.
func ParseSince(text string, now time.Time) (time.Time, error) {
	ago, err := time.ParseDuration(text)
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		var n int64
		n, err = strconv.ParseInt(days, 10, 16)
		ago = time.Duration(n) * 24 * time.Hour
	}
	if err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	for _, stamp := range stamps {
		if t, err := time.ParseInLocation(stamp, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; write 10m, 2d, 2006-01-02, \"2006-01-02 15:04\" or 2006-01-02T15:04:05Z", text)
}
