package store

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
)

// bbolt leaves of the cause of some errors only the text; who asks for it gets it all the
// same, whatever kind of full the disk is.
func TestCauseOfBoltError(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO, syscall.EFBIG, syscall.ENOMEM} {
		err := withErrno(fmt.Errorf("file resize error: %s", errno))
		if !errors.Is(err, errno) {
			t.Errorf("%v is not %d", err, errno)
		}
	}
	errOther := errors.New("something else")
	if err := withErrno(errOther); err != errOther {
		t.Errorf("%v", err)
	}
}
