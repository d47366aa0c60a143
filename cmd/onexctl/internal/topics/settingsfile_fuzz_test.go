package topics

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Whatever a file with settings has, it is read or its mistake has a place.
func FuzzReadSettings(f *testing.F) {
	for _, seed := range []string{
		"", "{}", `{"retention": "7d"}`, `{"retention": "106752d"}`, `{"topics": [{"match": "*", "partitions": 3}]}`, `{"a":`, "{\n\"x\": 1}",
		`{"dead_letters": {"configs": {"a": "b"}}}`, `{"retention": "-1h"}`, "\xff", `{"partitions": 1e99}`, "[1]",
	} {
		f.Add(seed)
	}
	file := filepath.Join(f.TempDir(), "settings.json")
	placed := regexp.MustCompile(`^` + regexp.QuoteMeta(file) + `:[1-9][0-9]*:[1-9][0-9]*: .`)
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		settings, err := readSettings(file)
		if err != nil && !placed.MatchString(err.Error()) {
			t.Errorf("%q: the mistake has no place: %v", text, err)
		}
		if err == nil && settings.Events.Retention < -1 {
			t.Errorf("%q: retention %v", text, settings.Events.Retention)
		}
	})
}
