package onex

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/kafka"
)

// group is what the client has been given at once. The last of its answers gives
// all of them to the machine.
type group struct {
	*delivery.Group
	shell   *shell
	sent    kafka.Group
	answers []delivery.Answer
	has     []atomic.Bool // its answer, by index
	left    atomic.Int32  // the client's answers, and Send's return
	early   *time.Timer   // until the machine is told of those that there are
	isAlone bool          // the timer's function is not running
}

// early is how long the answers of a group may take before the machine is told of
// those that there are: partitions may be stuck while others are not.
const early = 20 * time.Millisecond

// newGroup returns a group, or one that was used before.
func (s *shell) newGroup(d *delivery.Group) *group {
	g, _ := s.groups.Get().(*group)
	if g == nil {
		g = &group{shell: s}
		g.sent.Answer, g.sent.Done = g.answered, g.release
		g.early = time.AfterFunc(time.Hour, g.tellEarly)
		g.early.Stop()
	}
	n := len(d.Events)
	g.Group = d
	g.sent.Topic = d.Topic.Name
	g.sent.Records = slices.Grow(g.sent.Records[:0], n)[:n]
	g.answers = slices.Grow(g.answers[:0], n)[:n]
	g.has = slices.Grow(g.has[:0], n)[:n]
	g.left.Store(2)
	return g
}

// send gives a group to the client.
func (s *shell) send(d *delivery.Group) {
	g := s.newGroup(d)
	n := len(d.Events)
	for i, e := range d.Events {
		rec := &g.sent.Records[i]
		rec.Key, rec.Value, rec.Headers = e.Key(), e.Value(), headersOf(e)
		if a := attachedTo(e); a != nil {
			rec.Context = a.ctx
		}
	}
	if n > 1 {
		g.early.Reset(early)
	}
	taken := s.client.Send(&g.sent)
	if taken < n {
		s.tell(func(m *delivery.Machine, _ delivery.Time) { m.Shorten(d, taken) })
	}
	g.release()
}

// answered notes what the client says of an event. It runs on the client's
// goroutine, which must not wait.
func (g *group) answered(i int, rec *kgo.Record, v delivery.Verdict, err error) {
	if v == delivery.Delivered {
		g.shell.latency.add(time.Since(g.sent.At))
	}
	g.answers[i] = answerOf(v, err)
	g.answers[i].Partition = rec.Partition
	g.has[i].Store(true)
}

func answerOf(v delivery.Verdict, err error) delivery.Answer {
	return delivery.Answer{Verdict: v, Err: err, Anew: kafka.MadeAnew(err)}
}

func (g *group) release() {
	if g.left.Add(-1) > 0 {
		return
	}
	g.isAlone = g.early.Stop() || len(g.answers) == 1 // for which it was not begun
	if g.shell.reporter.debugs() {
		g.shell.reporter.put(report{delivered: g})
		return
	}
	g.answer()
}

// tellEarly tells the machine what has arrived, and will again, if there is more,
// until all has been answered for.
func (g *group) tellEarly() {
	var arrived []*delivery.Event
	g.shell.tell(func(m *delivery.Machine, now delivery.Time) {
		for i, e := range g.Events {
			if g.has[i].Load() && g.answers[i].Verdict == delivery.Delivered {
				arrived = append(arrived, e)
			}
		}
		if len(arrived) > 0 {
			m.Arrived(g.Group, arrived, now)
		}
	})
	if g.left.Load() > 0 {
		g.early.Reset(10 * early)
	}
}

// answer tells the machine what has become of the group. Then it may be used again,
// unless a hook of the program's may have kept a record.
func (g *group) answer() {
	g.shell.tell(func(m *delivery.Machine, now delivery.Time) { m.Answer(g.Group, g.answers[:len(g.Events)], now) })
	if !g.isAlone || g.shell.client.HasHooks() {
		return
	}
	clear(g.sent.Records[:len(g.answers)])
	clear(g.answers)
	clear(g.has)
	g.Group = nil
	g.shell.groups.Put(g)
}
