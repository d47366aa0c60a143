package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The manual says of each command which flags it has, and of none that it does not
// have.
func TestManual(t *testing.T) {
	flagLine := regexp.MustCompile(`(?m)^\t-.*$`)
	flagName := regexp.MustCompile(`(^|, )-([a-z0-9-]+)`)
	for _, cmd := range commands {
		text := help(cmd)
		var documented []string
		for _, line := range flagLine.FindAllString(text, -1) {
			for _, match := range flagName.FindAllStringSubmatch(strings.TrimSpace(line), -1) {
				documented = append(documented, match[2])
			}
		}
		slices.Sort(documented)
		flags := slices.Sorted(maps.Keys(cmd.Flags()))
		if !slices.Equal(documented, flags) {
			t.Errorf("onexctl %s has\n%s, and its manual\n%s", cmd.Name, flags, documented)
		}
		if !strings.Contains(text, "\n") || !strings.Contains(manual(), "\n\t"+cmd.Name+" ") {
			t.Errorf("the manual does not have %s", cmd.Name)
		}
	}
	// What is written before a command takes as many arguments whatever the command.
	takes := map[string]bool{}
	for _, cmd := range commands {
		for name, value := range cmd.Flags() {
			if before, known := takes[name]; known && before != value {
				t.Errorf("-%s takes a value with some commands, and none with others", name)
			}
			takes[name] = value
		}
	}
}
