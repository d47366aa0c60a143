package folder

import (
	"os"

	"golang.org/x/sys/windows"
)

// neverWait: there are no pipes in folders, and links are told by their names.
const neverWait = 0

// cannotSync: Windows does not sync a folder.
func cannotSync(err error) bool { return err != nil }

// private: the rights on a folder are lists that it has from the one above it, and made so by whoever
// has set up the machine.
func private(string, os.FileInfo) error { return nil }

// own says why an open file is not this spool's alone.
func own(f *os.File, path string, _ os.FileInfo) error {
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &info); err != nil {
		return err
	}
	if info.NumberOfLinks > 1 {
		return severalNames(path)
	}
	return nil
}
