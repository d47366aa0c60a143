//go:build unix

package spool_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/omninode-ai/onexevents/runtime/spool"
)

// What stands in a spool's folder in the place of its files, and is not the spool's, is
// refused, and is as it was: neither written to, nor waited for, nor removed.
func TestHostileFiles(t *testing.T) {
	const text = "somebody else's, and of use to them\n"
	for _, name := range []string{"lock", "events.db", "rejected.jsonl"} {
		for _, tt := range []struct {
			kind string
			put  func(path, victim string) error
			want string
		}{
			{"symbolic link", func(path, victim string) error { return os.Symlink(victim, path) }, "is a symbolic link"},
			{"symbolic link to nothing", func(path, victim string) error { return os.Symlink(victim+"-2", path) }, "is a symbolic link"},
			{"hard link", func(path, victim string) error { return os.Link(victim, path) }, "has another name elsewhere (a hard link)"},
			{"pipe", func(path, _ string) error { return syscall.Mkfifo(path, 0o600) }, "is no regular file (p---------)"},
			{"folder", func(path, _ string) error { return os.Mkdir(path, 0o700) }, "is no regular file (d---------)"},
			{"another user's", func(path, _ string) error {
				if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
					return err
				}
				return os.Chown(path, 12345, 12345)
			}, "belongs to user 12345"},
		} {
			t.Run(name+"/"+strings.ReplaceAll(tt.kind, " ", "-"), func(t *testing.T) {
				victim, dir := filepath.Join(t.TempDir(), "victim"), t.TempDir()
				if err := os.WriteFile(victim, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				before, err := os.Stat(victim)
				if err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(dir, name)
				if err := tt.put(path, victim); os.IsPermission(err) {
					t.Skipf("only root can do that: %v", err)
				} else if err != nil {
					t.Fatal(err)
				}
				put, err := os.Lstat(path)
				if err != nil {
					t.Fatal(err)
				}
				if err = use(dir); err == nil || !strings.Contains(err.Error(), path+" "+tt.want) {
					t.Errorf("error %v, want it to contain %q", err, path+" "+tt.want)
				}
				after, err := os.Stat(victim)
				if err != nil || !after.ModTime().Equal(before.ModTime()) || after.Size() != before.Size() {
					t.Errorf("the target was touched: %v", err)
				}
				if b, err := os.ReadFile(victim); err != nil || string(b) != text {
					t.Errorf("the target has %q, %v", b, err)
				}
				if now, err := os.Lstat(path); err != nil || !os.SameFile(now, put) || now.Size() != put.Size() {
					t.Errorf("%s is not what it was: %v", path, err)
				}
				if _, err := os.Lstat(victim + "-2"); err == nil {
					t.Error("a file was made where the link leads to")
				}
			})
		}
	}
}

// use opens a spool, and makes use of each of its files.
func use(dir string) error {
	opened := make(chan error, 1)
	go func() {
		s, err := spool.Open(dir)
		if err == nil {
			err = s.Reject(sequence("a", 1, 1), []error{spool.ErrClosed})
			_ = s.Close()
		}
		opened <- err
	}()
	select {
	case err := <-opened:
		return err
	case <-time.After(10 * time.Second):
		return os.ErrDeadlineExceeded
	}
}

// What a new file is made of may be there too, whatever it is: it is the spool's to
// remove, and what it leads to is not touched.
func TestHostileNewFile(t *testing.T) {
	victim, dir := filepath.Join(t.TempDir(), "victim"), t.TempDir()
	text := bytes.Repeat([]byte("x"), 100)
	if err := os.WriteFile(victim, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, filepath.Join(dir, "events.db.new")); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	appendAll(t, s, events("a", 1)...)
	if b, err := os.ReadFile(victim); err != nil || !bytes.Equal(b, text) {
		t.Errorf("the target has %q, %v", b, err)
	}
}

// Those who only look at a spool refuse links and pipes too.
func TestInspectHostileFiles(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "events.db")
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path+".moved", path); err != nil {
		t.Fatal(err)
	}
	if _, err := spool.Verify(dir); err == nil || !strings.Contains(err.Error(), "is a symbolic link") {
		t.Errorf("Verify: %v", err)
	}
}

// A folder that others may write to, or own, is refused, and the error says what helps;
// what it says does help.
func TestHostileFolder(t *testing.T) {
	for _, mode := range []os.FileMode{0o777, 0o770, 0o720, 0o702, 0o777 | os.ModeSticky, 0o770 | os.ModeSetgid} {
		dir := t.TempDir()
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		_, err := spool.Open(dir)
		if err == nil || !strings.Contains(err.Error(), "others may write to the folder") || !strings.Contains(err.Error(), "chmod go-w "+dir) {
			t.Errorf("mode %v: %v", mode, err)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
			t.Errorf("mode %v: there are %v, %v", mode, files, err)
		}
		if err := open(t, filepath.Join(dir, "spool")).Close(); err != nil {
			t.Errorf("a folder in it: %v", err)
		}
		if err := os.Chmod(dir, mode&^0o022); err != nil {
			t.Fatal(err)
		}
		if err := open(t, dir).Close(); err != nil {
			t.Errorf("without the others: %v", err)
		}
	}

	dir := "/" // which is root's
	if os.Geteuid() == 0 {
		dir = t.TempDir()
		if err := os.Chown(dir, 12345, -1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := spool.Open(dir); err == nil || !strings.Contains(err.Error(), "the folder belongs to user ") {
		t.Errorf("another user's: %v", err)
	}
}
