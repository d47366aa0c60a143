// Package kafkacluster starts Apache Kafka for tests, by the scripts beside it:
// three nodes or one, on loopback, with TLS, SASL and ACLs. Scripts and programs
// need Java 17, Maven and openssl; see start.
//
//	func TestMain(m *testing.M) { os.Exit(kafkacluster.Main(m)) }
//
//	func TestRoundTrip(t *testing.T) {
//		cluster := kafkacluster.Shared(t, 1)
//		client, err := kgo.NewClient(cluster.Seeds(kafkacluster.Plaintext))
//
// It imports the standard library and franz-go, and nothing but tests imports
// it.
package kafkacluster
