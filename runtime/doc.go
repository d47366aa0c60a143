// Package onex publishes the events of a node's life to Kafka without ever
// hurting the operation that they report on, and without losing one silently.
//
// A program makes one publisher and gives it to the events that onexevents has
// generated for its nodes:
//
//	pub, err := onex.NewPublisher(onex.Config{Environment: "production"}, kgo.SeedBrokers("localhost:9092"))
//	events := NewStamperEvents(pub, "stamper-1")
//	result, err := events.RunStamp(ctx, request, stamper.stamp)
//	err = pub.Close(ctx)
//
// An event is checked and encoded on the caller's goroutine and handed to a
// bounded queue; everything that may have to wait happens behind it:
//
//	node ──▶ Node, Operation ──▶ envelope ──▶ intake ──▶ dispatcher ──▶ kgo ──▶ Kafka
//	                                            ▲                        │
//	                                            └──── settler ◀── promise┘
//
// What the publisher has accepted is in flight until the settler has counted
// it as delivered, or has reported it as lost: see [Ledger].
//
// [Node], [Operation] and the functions that take them are for generated code.
// The package imports envelope, franz-go and google/uuid.
package onex
