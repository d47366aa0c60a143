package delivery

// Awake is told that the disk has come to an end with what was answered with [ErrHangs], and
// of the Stores that are there after all. No other effect has been carried out meanwhile.
func (m *Machine) Awake(late []Store, dropped []Dropped) {
	m.hangs = false
	m.areLate(late)
	for _, d := range dropped {
		m.evict(d)
	}
	m.wakeAll()
}

func (m *Machine) areLate(stores []Store) {
	for _, s := range stores {
		t := s.Topic
		var copies []*Event
		for _, e := range s.Events {
			switch {
			case t.isBeingStored(e):
				t.late = append(t.late, e)
			case e.past == wasWithdrawn:
				t.isGone(e.Seq)
				if e.Extra != nil && e.Extra.Starts != "" {
					m.finished = append(m.finished, e.Extra.Starts) // it has not begun
				}
			case !e.onDisk || e.past == hasLeft: // else it was late before
				copies = append(copies, e)
			}
		}
		m.areCopied(t, copies)
	}
}

// isBeingStored tells whether an event is about to be written, which says the rest.
func (t *Topic) isBeingStored(e *Event) bool { return has(t.writing, e) || has(t.copying, e) }
