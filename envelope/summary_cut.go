package envelope

import (
	"fmt"
	"slices"
)

// What the summary of a map may have. An input is what somebody has sent, and may
// have a key for each of a million rows.
const (
	MaxSummaryKeys  = 1000
	MaxSummaryBytes = 64 << 10

	maxSummaryKey = 1 << 10
)

// SummaryCut is the key that says, as in "...": "1200 more", how many keys a summary
// lacks. It is part of the contract: no other key has such a value, as the names of
// types have no blanks.
const SummaryCut = "..."

// first gathers the keys of a map that come first, in any order, in time that
// hardly grows with how many others there are.
type first struct {
	Summary
	more  int    // keys that do not come first, or are too long
	bound string // if not "", keys behind it are not wanted
}

// wants tells whether a key may be among the first.
func (f first) wants(key string) bool {
	return len(key) <= maxSummaryKey && (f.bound == "" || key <= f.bound)
}

func (f first) with(key, typ string) first {
	f.Summary = append(f.Summary, SummaryField{key, typ})
	if len(f.Summary) < 2*MaxSummaryKeys {
		return f
	}
	return f.cut()
}

// cut leaves the first that there are so far.
func (f first) cut() first {
	f.Summary = f.sorted()
	if beyond := len(f.Summary) - MaxSummaryKeys; beyond > 0 {
		f.more += beyond
		f.Summary = f.Summary[:MaxSummaryKeys]
		f.bound = f.Summary[MaxSummaryKeys-1].Key
	}
	return f
}

// written is how long a string is in JSON.
func written(s string) int {
	if isPlain(s) {
		return len(s) + 2
	}
	return len(appendString(nil, s))
}

// within returns the summary, of about limit bytes at the most.
func (f first) within(limit int) Summary {
	f = f.cut()
	size := 0
	for i, field := range f.Summary {
		if size += written(field.Key) + written(field.Type) + 2; size > limit {
			f.more += len(f.Summary) - i
			f.Summary = f.Summary[:i]
			break
		}
	}
	if f.more == 0 {
		return f.Summary
	}
	if i := slices.IndexFunc(f.Summary, func(field SummaryField) bool { return field.Key == SummaryCut }); i >= 0 { // of the map's own
		f.Summary = slices.Delete(f.Summary, i, i+1)
		f.more++
	}
	return append(f.Summary, SummaryField{SummaryCut, fmt.Sprintf("%d more", f.more)})
}
