//go:build unix

package folder

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// neverWait: a link is not followed, and to open a pipe waits for nobody.
const neverWait = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// cannotSync tells the answers of file systems that do not sync folders.
func cannotSync(err error) bool {
	return errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP)
}

// private says why a folder is not for this user alone.
func private(dir string, info os.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if me := uint32(os.Geteuid()); ok && stat.Uid != me {
		return fmt.Errorf("the folder belongs to user %d, and this process is of user %d: run it as user %d, or chown %d %s, or name a folder in it, which is then made",
			stat.Uid, me, stat.Uid, me, dir)
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("others may write to the folder (%v): chmod go-w %s, or name a folder in it, which is then made", mode, dir)
	}
	return nil
}

// own says why an open file is not this user's alone.
func own(_ *os.File, path string, info os.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch me := uint32(os.Geteuid()); {
	case !ok:
		return nil
	case stat.Uid != me:
		return fmt.Errorf("%s belongs to user %d, and this process is of user %d: run it as user %d, or chown %d %s", path, stat.Uid, me, stat.Uid, me, path)
	case stat.Nlink > 1:
		return severalNames(path)
	}
	return nil
}
