package delivery

import "slices"

// This file is the world's disk, which drops the oldest events when it is full.

// store puts events on disk, with those of other Stores, or none.
func (w *world) store(x Store, err error) {
	stores := []Store{x}
	if w.r.IntN(2) == 0 {
		w.out = slices.DeleteFunc(w.out, func(x Effect) bool {
			s, ok := x.(Store)
			if ok {
				stores = append(stores, s)
			}
			return ok
		})
	}
	var dropped []Dropped
	if err == nil {
		for _, s := range stores {
			for _, e := range s.Events {
				w.insert(topicOf(s.Topic), e)
			}
		}
		dropped = w.evict()
	}
	w.log("stored: %v, %d dropped", err, len(dropped))
	w.m.Stored(stores, dropped, err, w.now)
}

func (w *world) insert(t int, e *Event) {
	w.lastSeq = max(w.lastSeq, e.Seq)
	i, found := slices.BinarySearchFunc(w.disk[t], e, compareSeq)
	row := &Event{Seq: e.Seq, Record: e.Record, KeyLen: e.KeyLen}
	if found {
		w.disk[t][i] = row
	} else {
		w.disk[t] = slices.Insert(w.disk[t], i, row)
	}
	info := w.event(e)
	info.stored = true
	if e.Extra == nil {
		return
	}
	if e.Extra.Starts != "" {
		w.began[e.Extra.Starts] = info.id
	}
	if e.Extra.Ends != "" {
		w.finish([]string{e.Extra.Ends})
	}
}

// evict drops what comes first until the rest fits.
func (w *world) evict() (dropped []Dropped) {
	for {
		n, oldest := 0, -1
		for t := range simTopics {
			n += len(w.disk[t])
			if len(w.disk[t]) > 0 && (oldest < 0 || w.disk[t][0].Seq < w.disk[oldest][0].Seq) {
				oldest = t
			}
		}
		if n <= w.capacity {
			return dropped
		}
		dropped = append(dropped, Dropped{w.m.Topic(simName(oldest)), w.disk[oldest][0]})
		w.log("evicted %d", w.disk[oldest][0].Seq)
		w.disk[oldest] = w.disk[oldest][1:]
	}
}

// load reads what there is; a spool that was damaged may have found what had
// been removed.
func (w *world) load(x Load, err error) {
	var found []*Event
	if err == nil {
		for _, e := range w.disk[topicOf(x.Topic)] {
			if e.Seq > x.After && len(found) < x.Limit {
				found = append(found, &Event{Seq: e.Seq, Record: e.Record, KeyLen: e.KeyLen})
			}
		}
	}
	w.log("loaded %s after %d: %v %v", x.Topic.Name, x.After, seqs(found), err)
	w.m.Loaded(x, found, err, w.now)
}

func (w *world) remove(x Remove) {
	t := topicOf(x.Topic)
	w.disk[t] = slices.DeleteFunc(w.disk[t], func(e *Event) bool {
		if e.Seq > x.Through {
			return false
		}
		if info := w.event(e); !info.arrived && !info.buried && !info.excused && !w.isBeingLost(e.Seq) {
			w.wrong("%d is removed from disk before it has arrived", info.id)
		}
		return true
	})
}

func (w *world) isBeingLost(seq uint64) bool {
	return slices.ContainsFunc(w.out, func(x Effect) bool {
		l, ok := x.(Lose)
		return ok && l.Event != nil && l.Event.Seq == seq
	})
}
