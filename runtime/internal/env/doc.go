// Package env reads from the environment what a publisher is to be like: plain
// settings and the options of the Kafka client, or all mistakes at once.
//
// It may import the rooms kafka and encode, and franz-go.
package env
