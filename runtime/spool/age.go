package spool

import "time"

// cutoff returns the time before which an event is too old, the zero time if
// none is. A clock that is set forward while the spool is open makes no event
// old: the age counts by the clock on the wall, or by the one that there was when
// the spool was opened and has only gone on since, whichever is less.
func (s *Spool) cutoff() time.Time {
	if s.maxAge == 0 {
		return time.Time{}
	}
	now := s.now()
	return earlier(s.opened.Round(0), now.Round(0), now.Sub(s.opened)).Add(-s.maxAge)
}

// earlier returns the time on the wall, or as long after opened as has passed,
// whichever is earlier.
func earlier(opened, wall time.Time, passed time.Duration) time.Time {
	if steady := opened.Add(passed); steady.Before(wall) {
		return steady
	}
	return wall
}
