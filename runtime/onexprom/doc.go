// Package onexprom has the metrics of a publisher for Prometheus, as one collector:
//
//	pub, err := onex.NewPublisher(cfg, opts...)
//	prometheus.MustRegister(onexprom.NewCollector(pub))
//
// It reads [onex.Publisher.Stats] when it is scraped, and does nothing between. The
// names are those that runtime/onexotel has, as they come to Prometheus:
//
//	onex_events_accepted_total                 events that a publish method has taken
//	onex_events_rejected_total                 events that a publish method has refused
//	onex_events_delivered_total                events that Kafka has acknowledged
//	onex_events_dead_lettered_total{code}      events that are dead letters, by Kafka's code
//	onex_events_lost_total{reason}             events that are lost, by the reason
//	onex_queue_events                          events in flight, and
//	onex_queue_events_limit                    how many that may be
//	onex_queue_size_bytes                      their size, and
//	onex_queue_size_limit_bytes                what that may be
//	onex_spool_events                          events on disk
//	onex_spool_size_bytes                      what the spool holds
//	onex_spool_oldest_timestamp_seconds        since when the oldest is there; none if it is empty
//	onex_health_up                             1 if events get to Kafka, else 0
//	onex_health_cause{cause}                   1 for the cause that keeps them from it; none if up
//	onex_health_since_timestamp_seconds        since when that is so
//	onex_health_topics{cause}                  topics that suffer alone, by the cause
//	onex_delivery_duration_seconds             how long Kafka takes for an event, as a histogram
//
// No label has a value that events bring: no topic, no id, no name of a node.
//
// Beside the code are alert rules, alerts.yml, of which each says what to do, and
// dashboard.json for Grafana. Both work with the metrics of runtime/onexotel too, once
// Prometheus has them.
//
// The package is a module of its own, so that nobody else compiles Prometheus'
// client. Its versions are those of onexevents:
//
//	go get github.com/omninode-ai/onexevents/runtime/onexprom
//
// It imports the runtime and client_golang.
package onexprom
