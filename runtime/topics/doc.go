// Package topics says what the topics of events are to be like, and makes them
// so.
//
// A program that has a publisher uses its EnsureTopics; [Ensure] and [Preview]
// are for a Kafka client of one's own.
//
// It may import franz-go, and nothing else beside the standard library.
package topics
