package spooltest

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// content is what doubles keep, one after the other.
type content struct {
	fault    fault
	mu       sync.Mutex
	model    *model
	full     bool
	heads    map[string]uint64 // up to which events were removed
	inAppend atomic.Int32
	overlap  atomic.Bool // two goroutines were in Append at once
	opened   int
}

func newContent(f fault) *content {
	return &content{fault: f, model: newModel(0), heads: map[string]uint64{}}
}

func (c *content) open() onex.Spool {
	c.opened++
	switch c.fault {
	case "is not released by Close":
		return &double{content: c, closed: c.opened > 1}
	case "starts anew":
		c.model = newModel(c.model.last)
	case "forgets LastSeq when it is closed":
		c.forgetLast()
	case "forgets operations when it is closed":
		clear(c.model.unfinished)
	case "opens nothing":
		return nil
	}
	return &double{content: c}
}

// forgetLast leaves the highest Seq that is there.
func (c *content) forgetLast() {
	c.model.last = 0
	for _, e := range c.model.events {
		c.model.last = max(c.model.last, e.Seq)
	}
}

const (
	bound    = 300 << 10
	lifetime = 1000 // hours
)

func size(e onex.Spooled) int64 { return int64(len(e.Topic) + len(e.Key) + len(e.Value) + 50) }

// trim drops what is too old or too large, and what there is no room for.
func (c *content) trim(given []onex.Spooled) (dropped []onex.Spooled, err error) {
	all := c.model.all()
	total := int64(0)
	for _, e := range all {
		total += size(e)
	}
	tooOld := func(e onex.Spooled) bool { return len(given) > 0 && given[0].At.Sub(e.At).Hours() > lifetime }
	drop := func(e onex.Spooled) {
		c.model.take(e)
		total -= size(e)
		dropped = append(dropped, e)
		if c.fault == "forgets the operations of what it drops" {
			c.model.finish(e.Operation)
		}
	}
	if c.fault == "drops the newest" {
		slices.Reverse(all)
	}
	if c.fault == "drops by topic" {
		slices.SortStableFunc(all, func(a, b onex.Spooled) int { return cmp.Compare(a.Topic, b.Topic) })
	}
	keeps := func(onex.Spooled) bool { return false }
	if c.fault == "drops nothing that it was just given" {
		keeps = func(e onex.Spooled) bool {
			return slices.ContainsFunc(given, func(g onex.Spooled) bool { return idOf(g) == idOf(e) })
		}
	}
	for _, e := range all {
		tooLarge := size(e) > bound && c.fault != "makes room for what is too large"
		if tooLarge && c.fault == "refuses what is too large" {
			c.model.take(e)
			return nil, errors.New("too large")
		}
		if tooLarge || tooOld(e) {
			drop(e)
		}
	}
	for _, e := range all {
		if _, there := c.model.events[idOf(e)]; there && total > bound && !keeps(e) && c.fault != "has no bound" {
			drop(e)
		}
	}
	slices.SortFunc(dropped, bySeq)
	switch {
	case len(dropped) == 0:
	case c.fault == "drops in silence":
		return nil, nil
	case c.fault == "drops the old in silence":
		dropped = slices.DeleteFunc(dropped, tooOld)
	case c.fault == "returns the dropped in no order":
		slices.Reverse(dropped)
	case c.fault == "returns what it has not dropped":
		c.model.put(dropped[0])
	case c.fault == "forgets what the dropped were":
		dropped = slices.Clone(dropped)
		dropped[0].Value = nil
	}
	return dropped, nil
}
