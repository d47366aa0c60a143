package onex

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/internal/guest"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// Config says where events come from and what they may cost. The zero value
// works.
//
// None of its functions, nor of what the client's options bring, can end the program
// or hurt anything but what it was called for, even if it panics. The callbacks
// (OnLoss, OnDeadLetter, OnHealth) and the Logger may take their time, too: what is
// waited for is said there. What the publisher's own work waits for, such as a kgo
// hook, a partitioner or a Spool, has to return; it may call the publisher, but
// cannot have it wait: there Flush and durable publishing are an error.
type Config struct {
	// Profile is what goes over the wire. Default [ProfileV1].
	Profile Profile

	// Disabled switches events off, such as on a developer's machine. Publish
	// methods return nil and drop the event without looking at it, Run methods run
	// their functions, with correlation ids in their contexts as ever. Nothing is
	// logged, no goroutine runs, and Kafka and the spool are left alone. The ledger
	// stays empty, Health says that all is well, and EnsureTopics does nothing.
	Disabled bool

	// Namespace begins every topic: {namespace}.{service}.{event type}.v1, and .v2
	// for the second version of an operation's events. Default "dev". With
	// Profile2 it is KAFKA_TOPIC_NAMESPACE, and by default there is none.
	Namespace string

	// TopicName names the topic of a service's events of one type; default nil:
	// as above. Several event types may have one topic, such as all of a service
	// or of a namespace. Its consumers then tell the events apart by event_type,
	// and events of one key have one order in it over all types, not only within
	// each. What keeps one topic from being written to, keeps all its types.
	//
	// For a later version of an operation's events, .v2 takes the place of .v1 at
	// the end of the name, or is put behind another end.
	//
	// It is called when a node's events are made, by several goroutines at once,
	// and has to return the same for the same arguments. If it panics, or the name
	// is none for Kafka, leaves no room for DeadLetterSuffix or ends with it, the
	// node's publish methods say so.
	TopicName func(namespace, service, eventType string) string

	// SourceService, SourceVersion, SourceInstance and Region are the
	// envelope's fields of those names. By default they are the node's
	// service, the version of the program's main module, null and null.
	SourceService, SourceVersion, SourceInstance, Region string

	// Environment is the envelope's environment. Default "development".
	Environment string

	// MaxInFlight and MaxInFlightBytes bound what the publisher holds in
	// memory: the events that it has accepted and that are neither delivered,
	// nor in the spool, nor lost, and the sum of their sizes, encoded and with
	// their keys. A topic that cannot be written to takes half of that at most.
	// Defaults 10,000 and 64 MiB. (If kgo.WithHooks is among the client's
	// options, an event in flight also holds its caller's context.)
	MaxInFlight      int
	MaxInFlightBytes int

	// QueueFull says what happens to an event beyond these bounds. Default
	// [RefuseNew].
	QueueFull QueueFullPolicy

	// Spool keeps on disk what Kafka does not take in time, for this publisher
	// or the next one; runtime/spool has one. It is this publisher's alone, which
	// closes it, also if NewPublisher fails. What does not return in time is left
	// alone, so a disk that hangs keeps nobody. Default nil: there is none, and
	// events wait in memory.
	Spool Spool

	// AnySpooledTopic has events sent from the spool to whatever topic they are in
	// there. By default the topic has to be the event's own, by its service and type: what
	// TopicName makes of them, or what the default is for any namespace. Others
	// are lost (LossForeign), and kept by the spool for people to look into. Set it
	// for a spool whose events were published with another TopicName.
	AnySpooledTopic bool

	// SpoolAfter is how long Kafka may not answer before events go to the
	// spool, and how long it may acknowledge nothing for one topic, while it does
	// for others, before that topic's further events go there. Default 5 s.
	SpoolAfter time.Duration

	// NoDeadLetters turns dead letters off: an event that Kafka refuses for its
	// own sake is then lost (LossRefused). Else it goes to the topic that has
	// the name of its own with DeadLetterSuffix behind it. Default ".dlq". Such an
	// event has left its topic's order: if Kafka takes it after all, as when its
	// limits were raised before the dead letter was written, it comes late.
	NoDeadLetters    bool
	DeadLetterSuffix string

	// MaxEventBytes bounds the encoded size of one event; a larger one is
	// refused with ErrTooLarge. Default 512 KiB, half of what Kafka takes by
	// default (max.message.bytes).
	MaxEventBytes int

	// MaxMetadataBytes bounds what WithMetadata adds to one event, encoded; more
	// is refused with ErrTooLarge. Default 128 KiB.
	MaxMetadataBytes int

	// Headers returns headers of the program's own for an event, such as the trace that
	// ctx has. It is called by the publish methods, Run ones too, on their caller's
	// goroutine and with their context, by several goroutines at once, and has to
	// return. What it returns is copied and stays with the event, behind the
	// publisher's own headers: in memory, in the spool, in a dead letter and in its
	// replay. The failed event of an operation whose process has ended has those of its
	// started event. They count for MaxInFlightBytes.
	//
	// No header costs an event. Those beyond 64, or beyond 16 KiB of keys and values,
	// are left out, each as a whole; so are those that have the name of a header of the
	// publisher, which are those of dead letters, of Profile2 with that, and of
	// CloudEvents with those; and all of them, if they alone would make the event too
	// large for MaxInFlightBytes. If Headers panics, the event has none of it. The log
	// says so at WARN. Nothing in them is masked. Default nil: there are none.
	Headers func(ctx context.Context) []kgo.RecordHeader

	// CloudEvents gives every event, of either profile, the headers that make it a
	// CloudEvent 1.0 in the binary mode of its Kafka binding. The value stays the
	// envelope, which is the CloudEvent's data:
	//
	//	content-type     application/json
	//	ce_specversion   1.0
	//	ce_type          the envelope's event_type
	//	ce_source        /{service}/{node id}, escaped as in a URL's path
	//	ce_id            the event's id
	//	ce_time          the event's time, in UTC
	//	ce_partitionkey  the record's key; left out if it has control characters
	//
	// They stay with the event in the spool and in a dead letter, whose value is no
	// envelope, so that its replay has them. Headers can set others, such as ce_subject.
	CloudEvents bool

	// OnRun is called by the Run methods before they publish started, on their
	// caller's goroutine, by several at once: for a span around the operation, say. The
	// operation's function gets the context that it returns, and so does Headers; one
	// that is nil stands for ctx. ctx has the run's correlation id already. The function
	// that it returns, if it is not nil, is called once when the run is over and its
	// last event is published, with the function's error; a panic and
	// runtime.Goexit are errors there that have a method ErrorType. Both have to
	// return; if one panics, the log says so at WARN, and the operation goes on. With
	// Disabled they are called all the same. Default nil.
	OnRun func(ctx context.Context, run RunInfo) (context.Context, func(error))

	// MaxErrorBytes bounds the error text in an event, and the reason of a state
	// change. What is longer is cut between two characters. Default 2 KiB. An
	// error type is cut at 200 bytes.
	MaxErrorBytes int

	// Mask takes the secrets out of text before it leaves the process: an error's
	// text and type, the reason of a state change, both states, a metric's name and
	// unit, a dead letter's reason, the text of errors and strings in log lines, and
	// Health.Err. It gets the beginning of a long text, and what it returns is cut
	// as that text is. If it panics, all of the text is hidden. Default
	// [MaskSecrets].
	//
	// What the program gives as data is not masked: WithMetadata, the keys of maps in
	// the summaries of inputs and results (values are not in them), ids, partition
	// keys and Headers. Nor is what only the program sees: the errors of its own calls, and
	// Loss.Err.
	Mask func(string) string

	// OnLoss is called for every event that was accepted and then lost. The
	// calls come one after the other, and not on a goroutine of the program's
	// own. While one lasts, for two seconds at the most, the losses after it count
	// as in flight, and Close waits. If it takes longer, everything goes on without
	// it: up to MaxInFlight calls wait for it to return. It may call the publisher;
	// Close and Flush then wait for the call that they are in, so for two seconds.
	OnLoss func(Loss)

	// OnDeadLetter is called for every event that has become a dead letter, which
	// the log has at WARN too. It may call the publisher, and is called, as OnLoss
	// is, one call after the other; the ledger does not wait for it.
	OnDeadLetter func(DeadLetter)

	// OnHealth is called for every change of the publisher's health, Err and
	// Since alone apart, with what [Publisher.Health] returns then. The calls
	// come one after the other, not on a goroutine of the program's own, and
	// maybe before NewPublisher has returned. While one lasts, changes are not
	// told; the last of them is, after it. Close waits for the last call, with
	// CauseClosed, but not for longer than two seconds. It may call the publisher.
	OnHealth func(Health)

	// Logger gets lost events, dead letters, events that a Run method could not
	// publish, headers that were left out, and bad health at WARN, good health at
	// INFO, delivered events at DEBUG. Default slog.Default().
	Logger *slog.Logger

	// Now and NewID are the clock, and the source of event ids and of the
	// correlation ids of runs that have none, for tests. Defaults time.Now and
	// random UUIDs, which also take their place if they panic. Several goroutines
	// call them at once.
	Now   func() time.Time
	NewID func() uuid.UUID
}

// withDefaults returns cfg with every field set, or what is wrong with it.
func (cfg Config) withDefaults() (Config, error) {
	var faults []error
	faults = append(faults, cfg.withProfile())
	setDefault(&cfg.SourceVersion, mainVersion())
	setDefault(&cfg.Environment, envelope.DefaultEnvironment)
	faults = append(faults,
		setLimit("MaxInFlight", &cfg.MaxInFlight, 10_000),
		setLimit("MaxInFlightBytes", &cfg.MaxInFlightBytes, 64<<20),
		setLimit("MaxEventBytes", &cfg.MaxEventBytes, 512<<10),
		setLimit("MaxMetadataBytes", &cfg.MaxMetadataBytes, 128<<10),
		setLimit("MaxErrorBytes", &cfg.MaxErrorBytes, 2<<10))
	if !encode.IsSuffix(cfg.DeadLetterSuffix) {
		faults = append(faults, fmt.Errorf("%q cannot end a topic; make Config.DeadLetterSuffix of letters, digits, '.', '_' and '-'", cfg.DeadLetterSuffix))
	}
	if cfg.QueueFull != RefuseNew && cfg.QueueFull != DropOldest {
		faults = append(faults, fmt.Errorf("%d is no policy; set Config.QueueFull to RefuseNew or DropOldest", cfg.QueueFull))
	}
	if cfg.SpoolAfter < 0 {
		faults = append(faults, fmt.Errorf("%v is no time to wait; set Config.SpoolAfter to a positive one, or to 0 for the default of %v", cfg.SpoolAfter, defaultSpoolAfter))
	}
	if cfg.SpoolAfter == 0 {
		cfg.SpoolAfter = defaultSpoolAfter
	}
	if cfg.Mask == nil {
		cfg.Mask = MaskSecrets
	} else {
		cfg.Mask = guarded(cfg.Mask)
	}
	if cfg.OnLoss == nil {
		cfg.OnLoss = func(Loss) {}
	}
	if cfg.OnDeadLetter == nil {
		cfg.OnDeadLetter = func(DeadLetter) {}
	}
	if cfg.OnHealth == nil {
		cfg.OnHealth = func(Health) {}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.NewID == nil {
		cfg.NewID = encode.NewID
	}
	return cfg, errors.Join(faults...)
}

// withProfile sets what depends on the profile and checks it.
func (cfg *Config) withProfile() error {
	switch cfg.Profile {
	case ProfileV1:
		setDefault(&cfg.Namespace, defaultNamespace)
		setDefault(&cfg.DeadLetterSuffix, defaultSuffix)
		if !encode.IsNamespace(cfg.Namespace) {
			return fmt.Errorf("%q cannot begin a topic; make Config.Namespace of letters, digits, '.', '_' and '-'", cfg.Namespace)
		}
		return nil
	case Profile2:
	default:
		return fmt.Errorf("%d is no profile; set Config.Profile to ProfileV1 or Profile2", int(cfg.Profile))
	}
	var faults []error
	if cfg.Namespace != "" && !encode.IsTopicNamespace(cfg.Namespace) {
		faults = append(faults, fmt.Errorf("%q cannot stand in front of a topic of Profile2; make Config.Namespace of 1 to 32 of a-z, 0-9 and '-', with a letter first", cfg.Namespace))
	}
	if cfg.TopicName != nil {
		faults = append(faults, errors.New("Config.TopicName: the topics of Profile2 are fixed, since its readers take the event type from them; leave it out, or set Config.Profile to ProfileV1"))
	}
	if cfg.DeadLetterSuffix != "" {
		faults = append(faults, fmt.Errorf("Config.DeadLetterSuffix %q: dead letters of Profile2 go to onex.dlq.…, since no topic there may have a suffix; leave it out", cfg.DeadLetterSuffix))
	}
	cfg.DeadLetterSuffix = defaultSuffix // for what an earlier publisher has left in the spool
	return errors.Join(faults...)
}

// letters says how the topics of dead letters are called.
func (cfg *Config) letters() topics.Letters {
	return topics.Letters{Suffix: cfg.DeadLetterSuffix, OnexDLQ: cfg.Profile == Profile2}
}

const (
	defaultNamespace  = "dev"
	defaultSuffix     = ".dlq"
	defaultSpoolAfter = 5 * time.Second
)

// MaskSecrets replaces what looks like a secret by ***, or by fewer asterisks if
// it is shorter: tokens that are known by their beginning, such as GitHub's or
// AWS's, JSON web tokens, private keys; who logs in at a URL or a database;
// values behind names such as password, token, secret or api_key, in JSON, YAML,
// TOML, headers, command lines and SQL; parameters of signed URLs and the paths of
// webhooks. URL-encoded ones and those with invisible characters are found too.
//
// It knows shapes, so it can miss what has none: a password that is a plain word
// in a sentence. It leaves alone what is no secret, such as hashes, UUIDs,
// certificates, paths and counters. The result is never longer than s, and is not
// changed by masking it again. It takes time in proportion to the length of s.
func MaskSecrets(s string) string { return encode.Mask(s) }

// guarded returns a program's mask as one that neither panics nor ends the
// goroutine which calls it. If it fails, all of the text is hidden.
func guarded(mask func(string) string) func(string) string {
	return func(s string) string {
		masked := encode.Masked
		_ = guest.Apart(func() { masked = mask(s) })
		return masked
	}
}

// describe returns the type and the text of a failure, both masked and cut.
func (cfg *Config) describe(err error) (kind, text string) {
	return encode.Failure(unmasked(err), cfg.Mask, cfg.MaxErrorBytes)
}

// tell returns what a log line says of a value, without its secrets.
func (cfg *Config) tell(value any) any {
	switch v := value.(type) {
	case error:
		return encode.ErrorText(unmasked(v), cfg.Mask, cfg.MaxErrorBytes)
	case string:
		return encode.Text(v, cfg.Mask, cfg.MaxErrorBytes)
	}
	return value
}

// told is tell of all values that a log line has.
func (cfg *Config) told(attrs []any) []any {
	for i := 1; i < len(attrs); i += 2 {
		attrs[i] = cfg.tell(attrs[i])
	}
	return attrs
}

// shown returns err with a text that has no secrets.
func (cfg *Config) shown(err error) error {
	if err == nil {
		return nil
	}
	return &maskedError{err, cfg}
}

// maskedError is an error whose text has no secrets.
type maskedError struct {
	err error
	cfg *Config
}

func (e *maskedError) Error() string {
	return encode.ErrorText(e.err, e.cfg.Mask, e.cfg.MaxErrorBytes)
}

func (e *maskedError) Unwrap() error { return e.err }

// unmasked returns the error itself, so that its text is masked once.
func unmasked(err error) error {
	if masked, ok := err.(*maskedError); ok {
		return masked.err
	}
	return err
}

func setDefault(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

func setLimit(name string, field *int, value int) error {
	if *field < 0 {
		return fmt.Errorf("%d is no limit; set Config.%s to a positive number, or to 0 for the default of %d", *field, name, value)
	}
	if *field == 0 {
		*field = value
	}
	return nil
}

// mainVersion returns the version of the program's main module, "" if the
// program does not know it.
func mainVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return info.Main.Version
}
