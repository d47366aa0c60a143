package benchkit

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Path is the path of the modules.
const Path = "example.com/tree"

// WriteModule writes a module into dir: so many packages, a multiple of ten, with five
// files each. One in ten has a node; beside it there is what other generators
// work from. These packages are returned, as slash-separated paths from dir.
//
// Every package compiles as it is.
func WriteModule(dir string, packages int) (nodes []string, err error) {
	if err := writeFile(filepath.Join(dir, "go.mod"), "module "+Path+"\n\ngo 1.26\n"); err != nil {
		return nil, err
	}
	for i := range packages {
		folder := packageDir(i)
		files := plainFiles()
		if i%10 == 0 {
			nodes = append(nodes, folder)
			files = nodeFiles(i)
		}
		for name, body := range files {
			src := fmt.Sprintf("package p%03d\n\n%s", i, body)
			if err := writeFile(filepath.Join(dir, filepath.FromSlash(folder), name), src); err != nil {
				return nil, err
			}
		}
	}
	return nodes, Settle(dir)
}

func packageDir(i int) string { return fmt.Sprintf("g%02d/p%03d", i/20, i) }

// Settle makes all files in dir an hour old. The go command remembers what it
// has read in a folder only if nothing in it is newer than some seconds, and
// how it behaves on a tree that somebody works on is what a benchmark is after.
func Settle(dir string) error {
	then := time.Now().Add(-time.Hour)
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, then, then)
	})
}

func writeFile(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o666)
}

// plainFiles returns the files of a package without a node: some functions, and
// imports as code has them.
func plainFiles() map[string]string {
	files := map[string]string{}
	for j := range 5 {
		var b strings.Builder
		b.WriteString("import (\n\t\"context\"\n\t\"fmt\"\n\t\"strings\"\n)\n")
		for k := range 12 {
			fmt.Fprintf(&b, plainFunc, j, k)
		}
		files[fmt.Sprintf("file%d.go", j)] = b.String()
	}
	return files
}

const plainFunc = `
// Join%[1]dx%[2]d joins the words that are longer than limit.
func Join%[1]dx%[2]d(ctx context.Context, words []string, limit int) (string, error) {
	var kept []string
	for _, word := range words {
		if len(word) > limit {
			kept = append(kept, word)
		}
	}
	if len(kept) == 0 {
		return "", fmt.Errorf("none of %%d words is longer than %%d", len(words), limit)
	}
	return strings.Join(kept, " "), ctx.Err()
}
`

// nodeFiles returns the files of package i, which has a node, and beside it an
// enumeration, a resource to be copied deeply, a converter and an interface,
// one a file.
func nodeFiles(i int) map[string]string {
	neighbour := fmt.Sprintf("%s/%s", Path, packageDir(i+1))
	return map[string]string{
		"stamper.go":   fmt.Sprintf(nodeFile, neighbour, i+1),
		"level.go":     levelFile,
		"resource.go":  resourceFile,
		"converter.go": converterFile,
		"store.go":     storeFile,
	}
}

const nodeFile = `import (
	"context"
	"net/http"

	"%[1]s"
)

// Request is what a node is asked for.
type Request struct {
	ID, Text string
	Header   http.Header
}

// Stamp is what it answers.
type Stamp struct {
	ID, Text string
	Header   http.Header
}

// Stamper stamps requests.
//
//onex:operations type=effect service=stamping stamp(Request,Stamp) verify(*http.Request,bool) query_index
type Stamper struct{ prefix string }

func (s *Stamper) stamp(ctx context.Context, r Request) (Stamp, error) {
	text, err := p%03[2]d.Join0x0(ctx, []string{s.prefix, r.Text}, 3)
	return Stamp{ID: r.ID, Text: text, Header: r.Header}, err
}

var _ = (*Stamper).stamp
`

const levelFile = `// Level is how much a stamp is worth.
type Level int

// The levels.
const (
	None Level = iota
	Copy
	Draft
	Signed
	Sealed
	Archived
)
`

const resourceFile = `// Resource is what is kept of a stamp.
//
// +kubebuilder:object:generate=true
type Resource struct {
	Name   string
	Labels map[string]string
	Words  []string
	Spec   Spec
	Parent *Resource
}

// Spec is what is wanted.
//
// +kubebuilder:object:generate=true
type Spec struct {
	Replicas *int32
	Ports    map[string][]int32
}
`

const converterFile = `// Converter makes stamps of requests.
//
// goverter:converter
type Converter interface {
	Convert(Request) Stamp
	ConvertAll([]Request) []Stamp
}
`

const storeFile = `import "context"

// Store keeps stamps.
type Store interface {
	Put(ctx context.Context, s Stamp) error
	Get(ctx context.Context, id string) (Stamp, error)
	List(ctx context.Context, prefix string, limit int) ([]Stamp, error)
}
`
