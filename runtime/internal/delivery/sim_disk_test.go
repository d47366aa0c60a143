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

// giveUp answers an effect before the disk has done what it says.
func (w *world) giveUp(x Effect) {
	w.log("nobody waits any more for %T %s", x, describe(x))
	switch x := x.(type) {
	case Store:
		w.m.Stored([]Store{x}, nil, ErrHangs, w.now)
	case Load:
		w.m.Loaded(x, nil, ErrHangs, w.now)
	case Remove:
		w.m.Removed(x, ErrHangs, w.now)
	case Finish:
		w.m.Finished(ErrHangs, w.now)
	}
}

// wakeDisk ends what the disk has begun, for better or worse.
func (w *world) wakeDisk() {
	if w.hanging == nil {
		return
	}
	if late := w.lateOnDisk(); late != nil {
		w.m.Awake([]Store{*late}, w.evict())
	} else {
		w.m.Awake(nil, nil)
	}
}

// lateOnDisk does what the disk has begun, or not, and returns the Store that it has done.
func (w *world) lateOnDisk() (late *Store) {
	x := w.hanging
	w.hanging = nil
	if x == nil || w.r.IntN(3) == 0 {
		return nil
	}
	w.log("the disk is late with %T %s", x, describe(x))
	switch x := x.(type) {
	case Store:
		for _, e := range x.Events {
			w.insert(topicOf(x.Topic), e)
		}
		return &x
	case Remove:
		w.remove(x)
	case Finish:
		w.finish(x.Operations)
	}
	return nil
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
	if len(found) > 0 && w.r.IntN(30) == 0 {
		w.log("of which %d is not fit to be sent", found[0].Seq)
		w.m.Discard(found[0], errDisk)
	}
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
