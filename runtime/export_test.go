package onex

// ConfigFrom is ConfigFromEnv for another environment.
var ConfigFrom = configFrom

// Pending returns how many events are neither with the client nor on disk.
func Pending(p *Publisher) (n int) {
	p.intake.mu.Lock()
	defer p.intake.mu.Unlock()
	for _, l := range p.intake.lanes {
		n += l.pending.n
	}
	return n
}

// WithClient returns how many events are with the client.
func WithClient(p *Publisher) (n int) {
	p.intake.mu.Lock()
	defer p.intake.mu.Unlock()
	for _, l := range p.intake.lanes {
		n += l.outstanding
	}
	return n
}

// InMemory returns how many bytes the events in memory have.
func InMemory(p *Publisher) int64 {
	p.intake.mu.Lock()
	defer p.intake.mu.Unlock()
	return p.intake.bytes
}

// Open returns how many operations are known to be started and not ended.
func Open(p *Publisher) (n int) {
	p.intake.mu.Lock()
	defer p.intake.mu.Unlock()
	for _, ids := range p.intake.open {
		n += len(ids)
	}
	return n
}

// Running tells whether events are still brought on their way.
func Running(p *Publisher) bool {
	select {
	case <-p.dispatcher.ended:
		return false
	default:
		return true
	}
}
