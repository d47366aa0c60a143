package onex

import (
	"context"
	"errors"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
)

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && timeout.Timeout() || isAny(err, context.DeadlineExceeded, os.ErrDeadlineExceeded, kgo.ErrRecordTimeout)
}

func isAny(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
