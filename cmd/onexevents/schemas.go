package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/omninode-ai/onexevents/emit"
)

// schemaFormat is the form of the catalog that is a folder of files.
const schemaFormat = "schema"

// schemas brings the folder of the schemas up to date. With -check it only shows
// how its files differ, and says whether they are current.
func schemas(ctx context.Context, opts catalogOptions, out report) (current bool, err error) {
	c, err := loadCatalog(ctx, opts.options)
	if err != nil {
		return false, err
	}
	list, err := c.Schemas()
	if err != nil {
		return false, err
	}
	changes, err := compareSchemas(opts.out, list)
	if err != nil {
		return false, err
	}
	if len(changes) > 0 && !opts.check {
		if err := os.MkdirAll(opts.out, 0o777); err != nil {
			return false, unwritten(opts.out, err)
		}
	}
	for _, change := range changes {
		if opts.check {
			out.needed(change)
		} else if err := change.apply(); err != nil {
			return false, unwritten(change.path, err)
		}
	}
	return len(changes) == 0 || !opts.check, nil
}

// compareSchemas returns what has to change in a folder for the schemas to be
// all of ours in it.
func compareSchemas(dir string, list []emit.Schema) ([]change, error) {
	var changes []change
	wanted := map[string]bool{}
	for _, s := range list {
		wanted[s.FileName()] = true
		c, err := compareWith(filepath.Join(dir, s.FileName()), s.Source, "-format "+schemaFormat, emit.IsSchema)
		if err != nil {
			return nil, err
		}
		if c.state != "" {
			changes = append(changes, c)
		}
	}
	entries, err := entriesOf(dir)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read (%w); name a folder with -o", dir, cause(err))
	}
	for _, entry := range entries {
		name := filepath.Join(dir, entry.Name())
		if wanted[entry.Name()] || !entry.Type().IsRegular() || !strings.HasSuffix(name, emit.SchemaSuffix) {
			continue
		}
		if content, err := os.ReadFile(name); err == nil && emit.IsSchema(content) {
			changes = append(changes, change{path: name, state: orphan, old: content})
		}
	}
	return changes, nil
}
