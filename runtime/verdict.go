package onex

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// verdict is what an error says of the event that came back with it. The worst
// of a group's decides what is done.
type verdict int

const (
	// again: the client was ended or full; the event is as good as new.
	again verdict = iota
	// unfit: the broker refuses an event for its own sake, and with it, though
	// they are innocent, those in the same batch and behind it.
	unfit
	// suffering: nothing can be written to the topic, be it whatever it may.
	suffering
	// poisoned: the client will not deliver anything any more.
	poisoned
)

var (
	unfitErrors = []error{
		kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidRecord, kerr.CorruptMessage, kerr.InvalidTimestamp, kerr.PolicyViolation,
	}
	sufferingErrors = []error{
		kerr.UnknownTopicOrPartition, kerr.UnknownTopicID, kerr.InconsistentTopicID, kerr.TopicAuthorizationFailed, kerr.InvalidTopicException,
	}
)

func judge(err error) verdict {
	is := func(target error) bool { return errors.Is(err, target) }
	switch {
	case is(kgo.ErrClientClosed), is(kgo.ErrMaxBuffered), is(kgo.ErrAborting):
		return again
	case anyOf(unfitErrors, is):
		return unfit
	case anyOf(sufferingErrors, is):
		return suffering
	default:
		return poisoned
	}
}

func anyOf(errs []error, is func(error) bool) bool {
	for _, err := range errs {
		if is(err) {
			return true
		}
	}
	return false
}

// isUnknown tells whether a topic is not there, or another one of its name is.
func isUnknown(err error) bool {
	return errors.Is(err, kerr.UnknownTopicOrPartition) || isAnother(err)
}

// isAnother tells whether a topic was made anew since the client has found it.
func isAnother(err error) bool {
	return errors.Is(err, kerr.UnknownTopicID) || errors.Is(err, kerr.InconsistentTopicID)
}
