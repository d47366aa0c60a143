// Package kafkatest has no code: its tests hold the publisher's promises against
// Apache Kafka itself, where a double in the process cannot show them. They
// start the cluster of testdata/kafka, which needs Java 17, Maven and openssl,
// and use kcat, a client that nobody here has written:
//
//	go test -tags kafka ./runtime/internal/kafkatest
//	go test -tags kafka ./runtime/internal/kafkatest -run Failure -failures -timeout 1h -v
//
// The first is done in some minutes and has one node. The second has three, kills
// them, and takes its time. Clusters that run already are used if ONEX_TEST_KAFKA
// has their folders, as testdata/kafka/start prints them.
//
// Every test ends with the same reckoning (reckoning_test.go): each accepted
// event is in its topic, its dead-letter topic or the spool, the events of a key
// are in order, and the ledger says what a consumer has counted.
package kafkatest
