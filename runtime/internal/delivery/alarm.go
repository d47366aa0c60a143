package delivery

import "container/heap"

// alarms say when topics are to be advanced again. A topic may have several of
// which only the one at its own time counts.
type alarms []alarm

type alarm struct {
	at    Time
	topic *Topic
}

// set has a topic advanced at a time, or before.
func (a *alarms) set(t *Topic, at Time) {
	if t.alarm == 0 || at < t.alarm {
		t.alarm = at
		heap.Push(a, alarm{at, t})
	}
}

// ring wakes the topics whose time has come.
func (a *alarms) ring(now Time, wake func(*Topic)) {
	for len(*a) > 0 && ((*a)[0].at <= now || (*a)[0].at != (*a)[0].topic.alarm) {
		if rung := heap.Pop(a).(alarm); rung.at == rung.topic.alarm {
			rung.topic.alarm = 0
			wake(rung.topic)
		}
	}
}

// first returns when the next one rings, 0 for none.
func (a *alarms) first() Time {
	if len(*a) == 0 {
		return 0
	}
	return (*a)[0].at
}

func (a alarms) Len() int { return len(a) }
func (a alarms) Less(i, j int) bool {
	if a[i].at != a[j].at {
		return a[i].at < a[j].at
	}
	return a[i].topic.Name < a[j].topic.Name
}
func (a alarms) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *alarms) Push(x any)   { *a = append(*a, x.(alarm)) }
func (a *alarms) Pop() any {
	old := *a
	last := old[len(old)-1]
	*a = old[:len(old)-1]
	return last
}
