package onex

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// spooler reads and writes the spool. It is one goroutine, so that nobody but
// it waits for the disk; what is to be written meanwhile goes to disk together.
type spooler struct {
	spool    Spool
	intake   *intake
	reporter *reporter
	monitor  *monitor

	mu     sync.Mutex
	jobs   []job
	closed bool
	woken  chan struct{} // has room for one: there are jobs
	done   chan struct{}
}

// job is one thing to do with the spool: which, says the field that is set.
type job struct {
	lane   *lane
	write  []*event
	read   int // so many events behind after
	after  uint64
	remove uint64 // through this seq
	finish string // the operation
}

// expiry is how often a spool in which nothing happens is asked to drop what
// is too old.
const expiry = time.Minute

func newSpooler(spool Spool, in *intake, r *reporter, m *monitor) *spooler {
	return &spooler{spool: spool, intake: in, reporter: r, monitor: m, woken: make(chan struct{}, 1), done: make(chan struct{})}
}

func (s *spooler) do(j job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs = append(s.jobs, j)
	s.wake()
}

func (s *spooler) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// close ends the goroutine once it has done what there is to do.
func (s *spooler) close() {
	s.mu.Lock()
	s.closed = true
	s.wake()
	s.mu.Unlock()
	<-s.done
}

func (s *spooler) take() (jobs []job, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	jobs, s.jobs = s.jobs, nil
	return jobs, s.closed
}

func (s *spooler) run() {
	defer close(s.done)
	ticker := time.NewTicker(expiry)
	defer ticker.Stop()
	for {
		select {
		case <-s.woken:
		case <-ticker.C:
			s.write(nil)
		}
		jobs, closed := s.take()
		s.write(jobs)
		for _, j := range jobs {
			switch {
			case j.remove > 0:
				s.remove(j)
			case j.read > 0:
				s.read(j)
			case j.finish != "":
				s.finish(j)
			}
		}
		if closed && len(jobs) == 0 {
			return
		}
		if closed {
			s.wake()
		}
	}
}

// write puts the events of all jobs on disk at once.
func (s *spooler) write(jobs []job) {
	var events []Spooled
	for _, j := range jobs {
		for _, e := range j.write {
			x := s.intake.extraOf(e)
			events = append(events, Spooled{
				Seq: e.seq, Topic: j.lane.topic, Key: e.key(), Value: e.value(), At: time.Now(), Operation: x.starts, Finishes: x.ends,
			})
		}
	}
	if jobs != nil && len(events) == 0 {
		return
	}
	var dropped []Spooled
	err := s.try("write to the spool", func() (err error) {
		dropped, err = s.spool.Append(events)
		return err
	})
	s.monitor.disk(err)
	gone := make(map[uint64]Spooled, len(dropped))
	for _, d := range dropped {
		gone[d.Seq] = d
	}
	for _, j := range jobs {
		if len(j.write) > 0 {
			s.written(j, err, gone)
		}
	}
	if err != nil {
		s.intake.writeFailed()
		s.reporter.warn("events cannot be written to the spool", "events", len(events), "error", err)
	}
	for _, d := range dropped {
		if _, ok := gone[d.Seq]; ok {
			s.drop(d)
		}
	}
}

// written settles the events of a job. A durable event that the spool has
// dropped at once is not durable, and not accepted: it is taken out of those
// that are gone, and the operation that it would have started has not started.
func (s *spooler) written(j job, err error, gone map[uint64]Spooled) {
	for _, e := range j.write {
		if operation := gone[e.seq].Operation; operation != "" {
			s.finish(job{finish: operation})
		}
	}
	for _, seq := range s.intake.written(j.lane, j.write, err, gone) {
		delete(gone, seq)
	}
}

// drop reports an event that the spool has dropped to make room, unless it is
// on its way to Kafka.
func (s *spooler) drop(d Spooled) {
	if l := s.intake.droppedFromDisk(d.Topic, d.Seq); l != nil {
		e := newEvent(d.Value, string(d.Key))
		e.seq, e.onDisk = d.Seq, true
		s.reporter.putWhenRoom(report{lane: l, event: e, reason: LossEvicted, err: errEvicted, settled: true})
	}
}

func (s *spooler) read(j job) {
	var read []Spooled
	err := s.try("read from the spool", func() (err error) {
		read, err = s.spool.Read(j.lane.topic, j.after, j.read)
		return err
	})
	events := make([]*event, len(read))
	for i, r := range read {
		events[i] = newEvent(r.Value, string(r.Key))
		events[i].seq, events[i].onDisk = r.Seq, true
	}
	if err != nil {
		s.intake.readFailed()
		s.reporter.warn("events cannot be read from the spool", "topic", j.lane.topic, "error", err)
	}
	for range s.intake.haveRead(j.lane, events, err == nil) {
		s.reporter.putWhenRoom(report{lane: j.lane, event: &event{onDisk: true}, reason: LossDamaged, err: errDamaged, settled: true})
	}
}

// remove removes what has been delivered. If that fails, it is delivered again
// by the next process.
func (s *spooler) remove(j job) {
	if err := s.try("remove from the spool", func() error { return s.spool.Remove(j.lane.topic, j.remove) }); err != nil {
		s.reporter.warn("delivered events cannot be removed from the spool", "topic", j.lane.topic, "error", err)
	}
}

func (s *spooler) finish(j job) {
	if err := s.try("finish an operation in the spool", func() error { return s.spool.Finish(j.finish) }); err != nil {
		s.reporter.warn("the end of an operation cannot be noted in the spool", "operation", j.finish, "error", err)
	}
}

var errGoexit = errors.New("the spool has ended its goroutine (runtime.Goexit)")

// try calls the spool, which may be of the user's own making.
func (s *spooler) try(what string, call func() error) error {
	err := errGoexit
	if cause := apart(func() { err = call() }); cause != nil {
		err = fmt.Errorf("panic: %v", cause)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
