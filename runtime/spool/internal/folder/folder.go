package folder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Make makes a folder, and those above it, for nobody else to look into.
func Make(dir string) error {
	err := os.Mkdir(dir, 0o700)
	switch {
	case errors.Is(err, os.ErrExist):
		return nil
	case errors.Is(err, os.ErrNotExist):
		if err := Make(filepath.Dir(dir)); err != nil {
			return err
		}
		if err = os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	return Sync(filepath.Dir(dir))
}

// Sync puts the names of the files in a folder on the disk, where the file system can.
// Of one that cannot, such as CIFS, the names are on the server when they are given.
func Sync(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if cannotSync(err) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

// Check says why others could put files into a folder, or take them out.
func Check(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no folder", dir)
	}
	return private(dir, info)
}
