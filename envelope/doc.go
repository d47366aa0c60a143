// Package envelope is the wire: OnexEnvelopeV1, ModelEventEnvelope 2.x, and the
// payloads of the five events that they carry, as the Python services of OmniNode
// write and read them.
//
// A producer fills in a payload and wraps it:
//
//	payload := envelope.StateChanged{NodeID: "reducer-1", NodeType: "reducer", OldState: "idle", NewState: "busy"}
//	env, err := envelope.Wrap(uuid.New(), payload, "reducer", "bridge-reducer")
//	value, err := env.AppendJSON(nil) // the record's value
//	key := env.RecordKey()            // the record's key
//
// A consumer goes the other way:
//
//	env, err := envelope.Decode(record.Value)
//	payload, err := env.DecodePayload() // OperationStarted, OperationCompleted, …
//
// [V2], [WrapV2] and [DecodeV2] are the same for ModelEventEnvelope. A consumer of
// both calls [DecodeAny] and [PayloadOf], and [Envelope.Event] for what both say of
// an event.
//
// What is written has one form: all keys present, in the contract's order,
// without white space. What is read may have any form that the reference
// implementation accepts, as long as nothing in it has to be made up.
//
// The package knows nothing of Kafka, contexts or nodes. It imports the
// standard library, google/uuid and a JSON text library.
package envelope
