package breaking

import (
	"slices"
	"strings"
)

// silent says to which of the topics nothing comes any more.
func (c *comparison) silent(topics []string) string {
	topics = slices.DeleteFunc(slices.Clone(topics), func(topic string) bool { return c.topics[topic] })
	if len(topics) == 0 {
		return ""
	}
	return ", and nothing comes to " + braced(topics)
}

// braced writes names that differ in one of their words as one.
func braced(names []string) string {
	first := strings.Split(names[0], ".")
	for i := range first {
		var words []string
		for _, name := range names {
			parts := strings.Split(name, ".")
			if len(parts) != len(first) || !slices.Equal(parts[:i], first[:i]) || !slices.Equal(parts[i+1:], first[i+1:]) {
				break
			}
			words = append(words, parts[i])
		}
		if len(names) > 1 && len(words) == len(names) {
			return strings.Join(slices.Concat(first[:i], []string{"{" + strings.Join(words, ",") + "}"}, first[i+1:]), ".")
		}
	}
	return strings.Join(names, ", ")
}
