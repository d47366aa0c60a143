package store

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/boltfile"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/folder"
)

// Store is an open file and its index. One goroutine at a time uses it.
type Store struct {
	db    *bbolt.DB
	file  *os.File // the one that db has
	index *Index
	stuck bool // db has locks that nobody will release
}

// brokenError says that the file, or what bbolt has made of it in memory, is
// not what it should be, so that the file has to be read anew.
type brokenError struct{ cause error }

func (e *brokenError) Error() string { return e.cause.Error() }
func (e *brokenError) Unwrap() error { return e.cause }

// IsBroken tells whether an error says that the file has to be read anew.
func IsBroken(err error) bool {
	var b *brokenError
	return errors.As(err, &b)
}

// Open opens a file that has been found sound, with the index that was
// made of it then.
func Open(path string, ix *Index) (_ *Store, err error) {
	st := &Store{index: ix}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			st.stuck = true
			err = &brokenError{fmt.Errorf("%v", cause)}
		}
		if err != nil {
			_ = st.Close()
		}
	}()
	st.db, err = bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:      time.Second, // for a tool that looks at the file
		PageSize:     boltfile.PageSize,
		FreelistType: bbolt.FreelistMapType,
		NoStatistics: true,
		OpenFile: func(name string, flag int, _ os.FileMode) (*os.File, error) {
			f, err := folder.Open(name, flag)
			st.file = f
			return f, err
		},
	})
	if err != nil {
		return nil, err
	}
	st.db.AllocSize = growBy
	return st, nil
}

// view reads what the last committed transaction has left. What fn has from
// the transaction is gone when it returns.
func (st *Store) view(fn func(*bbolt.Tx) error) error {
	return st.within(false, fn)
}

// update changes the file and the index, both or neither.
func (st *Store) update(fn func(*batch) error) error {
	var b *batch
	err := st.within(true, func(tx *bbolt.Tx) error {
		b = newBatch(tx, st.index)
		if err := fn(b); err != nil {
			return err
		}
		return b.finish()
	})
	if err == nil {
		b.commit()
	}
	return err
}

// within runs fn in a transaction. bbolt panics on pages that make no sense,
// and its memory map faults beyond the end of a file that has become shorter,
// and where a disk cannot be read: all of that is a brokenError.
//
// fn has to stay on its goroutine, because only there a fault is a panic.
func (st *Store) within(writable bool, fn func(*bbolt.Tx) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var tx *bbolt.Tx
	defer func() {
		if cause := recover(); cause != nil {
			st.stuck = !rollback(tx)
			err = &brokenError{fmt.Errorf("%v", cause)}
		}
	}()
	if tx, err = st.db.Begin(writable); err != nil {
		return checkMapping(err)
	}
	if err := fn(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	if !writable {
		return tx.Rollback()
	}
	stamp := stampOf(tx)
	if err := tx.Commit(); err != nil {
		if st.stamp() >= stamp {
			// The last write failed, or its fsync: whether the disk has it,
			// only the file can tell.
			return &brokenError{err}
		}
		return checkMapping(withErrno(err))
	}
	return nil
}

// rollback says whether a transaction has released its locks.
func rollback(tx *bbolt.Tx) (released bool) {
	defer func() {
		if recover() != nil {
			released = false
		}
	}()
	if tx == nil {
		return false
	}
	err := tx.Rollback()
	return err == nil || errors.Is(err, berrors.ErrTxClosed)
}

// stamp returns that of the last committed transaction.
func (st *Store) stamp() uint64 {
	tx, err := st.db.Begin(false)
	if err != nil {
		return 0
	}
	defer tx.Rollback()
	return stampOf(tx)
}

// checkMapping tells the errors after which bbolt is of no use any more.
func checkMapping(err error) error {
	if errors.Is(err, berrors.ErrInvalidMapping) || errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return &brokenError{err}
	}
	return err
}

// withErrno gives an error back the cause that bbolt has only left the text of.
func withErrno(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return err
	}
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO, syscall.EFBIG, syscall.ENOMEM} {
		if strings.HasSuffix(err.Error(), errno.Error()) {
			return fmt.Errorf("%w (%w)", err, errno)
		}
	}
	return err
}

// IsAt tells whether the file still has this name.
func (st *Store) IsAt(path string) bool {
	info, err := st.file.Stat()
	return err == nil && folder.IsAt(path, info)
}

// Size returns that of the file.
func (st *Store) Size() (int64, error) {
	info, err := st.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Close closes the file. The memory map of a stuck store stays until the
// process ends: to wait for its locks would be to wait for ever.
func (st *Store) Close() error {
	if st.db == nil || st.stuck {
		if st.file == nil {
			return nil
		}
		return st.file.Close()
	}
	return st.db.Close()
}

// Backlog returns what is in the file. It does not wait for the disk.
func (st *Store) Backlog() onex.Backlog { return st.index.Backlog() }
