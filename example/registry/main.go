// Registry gives a schema registry the schemas of a module's events, as onexevents
// catalog -format schema has written them into a folder:
//
//	registry -url http://localhost:8081 -namespace dev schemas
//
// A schema's subject is that of the values of its topic. A schema that the registry
// has already stays as it is.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/twmb/franz-go/pkg/sr"
)

func main() {
	url := flag.String("url", "http://localhost:8081", "where the registry is")
	namespace := flag.String("namespace", "dev", "that of the publishers, which is in their topics")
	flag.Parse()
	client, err := sr.NewClient(sr.URLs(*url))
	if err == nil {
		err = register(context.Background(), client, os.Stdout, *namespace, flag.Arg(0))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "registry:", err)
		os.Exit(1)
	}
}

const suffix = ".schema.json"

// register registers the schemas of a folder, and prints the subject and the id of
// each.
func register(ctx context.Context, client *sr.Client, out io.Writer, namespace, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("there are no schemas in %q; write them with onexevents catalog -format schema -o", dir)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		subject := topicOf(strings.TrimSuffix(filepath.Base(file), suffix), namespace) + "-value"
		registered, err := client.CreateSchema(ctx, subject, sr.Schema{Schema: string(text), Type: sr.TypeJSON})
		if err != nil {
			return fmt.Errorf("register %s: %w", subject, err)
		}
		fmt.Fprintln(out, subject, registered.ID)
	}
	return nil
}

// topicOf returns the topic of the events that a schema is called after:
// "stamping.effect.stamp.started", with ".v2" behind a later version, or with
// Profile2 "stamping.effect-stamp-started".
func topicOf(name, namespace string) string {
	words := strings.Split(name, ".")
	version := "v1"
	if last := words[len(words)-1]; strings.HasPrefix(last, "v") && strings.Trim(last[1:], "0123456789") == "" && last != "v" {
		words, version = words[:len(words)-1], last
	}
	if len(words) == 2 {
		namespace = "onex.evt"
	}
	return namespace + "." + strings.Join(words, ".") + "." + version
}
