package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"
)

// What bbolt says of the disk is known by its cause, if only its text is left.
func TestErrno(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want error
	}{
		{&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, syscall.ENOSPC},
		{fmt.Errorf("file sync error: %s", syscall.ENOSPC), syscall.ENOSPC},
		{fmt.Errorf("file resize error: %s", syscall.EFBIG), syscall.EFBIG},
		{errors.New("another"), nil},
	} {
		got := withErrno(tt.err)
		if !errors.Is(got, tt.err) || tt.want != nil && !errors.Is(got, tt.want) || tt.want == nil && got != tt.err {
			t.Errorf("%v became %v", tt.err, got)
		}
	}
}

// A panic in a transaction leaves a store that can be closed, whether its locks
// were released or not.
func TestPanicInTransaction(t *testing.T) {
	for _, writable := range []bool{false, true} {
		w, err := newWriter(t.TempDir() + "/x")
		must(t, err)
		err = w.store.within(writable, func(*bbolt.Tx) error { panic("bad page") })
		if !IsBroken(err) || err.Error() != "bad page" || w.store.stuck {
			t.Errorf("error %v, stuck: %t", err, w.store.stuck)
		}
		must(t, w.store.Close())
		must(t, w.store.Close())
	}
}
