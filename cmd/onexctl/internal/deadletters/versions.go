package deadletters

import (
	"fmt"
	"strings"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
)

// versions are the dead letters of events, as far as they differ: of each event,
// and of each of its digests, the first dead letter. An event has one digest,
// unless somebody has forged a dead letter of it.
type versions map[string]map[digest]cluster.Position

func (v versions) add(l *letter) {
	if l.env == nil || l.fault != nil {
		return
	}
	if v[l.event()] == nil {
		v[l.event()] = map[digest]cluster.Position{}
	}
	if _, isKnown := v[l.event()][l.digest]; !isKnown {
		v[l.event()][l.digest] = l.Position
	}
}

// rivals are the dead letters of the same event that differ from this one.
func (v versions) rivals(l *letter) []cluster.Position {
	var all []cluster.Position
	if l.env != nil && l.fault == nil {
		for digest, position := range v[l.event()] {
			if digest != l.digest {
				all = append(all, position)
			}
		}
	}
	return all
}

// rivalry is why a dead letter is not replayed that another one contradicts.
type rivalry struct {
	rivals []cluster.Position // none: the other one was replayed, and is not there any more
}

func (r *rivalry) Error() string {
	if len(r.rivals) == 0 {
		return "its event was replayed already, and was another one; give this one with -letter, if it is right"
	}
	names := make([]string, len(r.rivals))
	for i, p := range r.rivals {
		names[i] = p.String()
	}
	return fmt.Sprintf("it differs from %s, of the same event; give the one that is right with -letter", strings.Join(names, ", "))
}
