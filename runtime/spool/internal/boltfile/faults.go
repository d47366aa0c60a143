package boltfile

import (
	"errors"
	"fmt"
	"strings"
)

// ErrDamaged: the file is not as it was written.
var ErrDamaged = errors.New("the file is damaged")

// Faults are what is wrong with a file; the first of them, and how many.
type Faults struct {
	list  []string
	count int
}

const maxFaults = 10

// Add notes another, as [fmt.Sprintf] has it.
func (f *Faults) Add(format string, args ...any) {
	if f.count++; f.count <= maxFaults {
		f.list = append(f.list, fmt.Sprintf(format, args...))
	}
}

// Count returns how many there are.
func (f *Faults) Count() int { return f.count }

// Err returns an [ErrDamaged] that lists them, nil if there are none.
func (f *Faults) Err() error {
	if f.count == 0 {
		return nil
	}
	text := strings.Join(f.list, "; ")
	if more := f.count - len(f.list); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return fmt.Errorf("%w: %s", ErrDamaged, text)
}
