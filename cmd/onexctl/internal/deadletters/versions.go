package deadletters

import (
	"fmt"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
)

// version is what a dead letter would be replayed as, and the first dead letter that
// would.
type version struct {
	digest digest
	at     cluster.Position
}

// versions are those of events. An event has one, unless somebody has forged a
// dead letter of it; then the others are in forged.
type versions struct {
	first  map[string]version
	forged map[string][]version
}

func newVersions() versions { return versions{map[string]version{}, map[string][]version{}} }

func (v versions) add(l *letter) {
	if l.env == nil || l.fault != nil {
		return
	}
	event, own := l.event(), version{l.digest, l.Position}
	if first, isKnown := v.first[event]; !isKnown {
		v.first[event] = own
	} else if first.digest != own.digest && !slices.ContainsFunc(v.forged[event], func(o version) bool { return o.digest == own.digest }) {
		v.forged[event] = append(v.forged[event], own)
	}
}

// rivals are the dead letters of the same event that differ from this one.
func (v versions) rivals(l *letter) (all []cluster.Position) {
	if l.env == nil || l.fault != nil || len(v.forged[l.event()]) == 0 {
		return nil
	}
	for _, o := range append(slices.Clone(v.forged[l.event()]), v.first[l.event()]) {
		if o.digest != l.digest {
			all = append(all, o.at)
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
