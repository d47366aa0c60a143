package onex

// Pending returns how many events are neither with the client nor on disk.
func Pending(p *Publisher) (n int) {
	p.shell.mu.Lock()
	defer p.shell.mu.Unlock()
	for _, t := range p.shell.machine.Topics() {
		n += t.Waiting()
	}
	return n
}

// WithClient returns how many events are with the client.
func WithClient(p *Publisher) (n int) {
	p.shell.mu.Lock()
	defer p.shell.mu.Unlock()
	for _, t := range p.shell.machine.Topics() {
		n += t.WithClient()
	}
	return n
}

// InMemory returns how many bytes the events have that are in memory only.
func InMemory(p *Publisher) int64 {
	p.shell.mu.Lock()
	defer p.shell.mu.Unlock()
	return p.shell.machine.HeldBytes()
}

// Open returns how many operations are known to be started and not ended.
func Open(p *Publisher) int {
	p.shell.mu.Lock()
	defer p.shell.mu.Unlock()
	return p.shell.machine.Operations()
}

// IsTopicV2 tells whether an event of Profile2 may have a topic of that name.
func IsTopicV2(name string) bool {
	return (&Config{Profile: Profile2, DeadLetterSuffix: defaultSuffix}).checkTopicV2(name) == nil
}
