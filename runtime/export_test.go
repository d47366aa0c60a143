package onex

// Pending returns how many events are neither with the client nor on disk.
func Pending(p *Publisher) (n int) {
	p.intake.mu.Lock()
	defer p.intake.mu.Unlock()
	for _, l := range p.intake.lanes {
		n += l.pending.n
	}
	return n
}
