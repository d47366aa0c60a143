/*
Onexctl is the operator's tool: it shows the events of nodes as they come, and
looks after dead letters, spools and topics.

Usage:

	onexctl <command> [flags] [arguments]

The commands are:

	tail          show events as they come
	trace         draw what has happened for one request
	dlq list      list dead letters, and why they are there
	dlq show      show one dead letter whole
	dlq replay    publish dead letters again, each once
	dlq discard   remember that dead letters are not to be replayed
	spool list    say what a spool's folder holds
	spool verify  say whether a spool is damaged, or repair it
	spool drain   deliver what a spool holds
	topics plan   say which topics to create or change
	topics apply  create and change them
	check         connect to Kafka, and say what is wrong
	completion    print a script that completes commands in a shell
	man           print this manual as a page for man(1)
	version       say which version this is

onexctl <command> -h shows the part of this manual about a command. Flags may stand
before the command, behind it, and between arguments; what stands behind -- is no
flag.

The exit code is 0 if all is well, 1 if what was found is not, as said with each
command, and 2 if onexctl was called wrongly or could not find out. A command says
how many topics it has read, and which the user may not see, as far as Kafka tells:
one that he may not DESCRIBE is in no list, and is missed only if its whole name is
given, or is that of dead letters of a topic that he may. If it could not read
one, be it for a mistake in a name or for want of rights, it has found out nothing,
and its exit code is 2.

# Connection

How to reach Kafka is said by the environment variables that publishers read, and
by these flags, which go before them. They are the same for all commands.

	-brokers list
		host:port, separated by commas (KAFKA_BOOTSTRAP_SERVERS). Default
		127.0.0.1:9092
	-security-protocol name
		PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL (KAFKA_SECURITY_PROTOCOL).
		What the environment says of SASL or TLS besides, and the flag does
		not, is left out
	-sasl-mechanism name
		PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or AWS_MSK_IAM
		(KAFKA_SASL_MECHANISM)
	-sasl-username name
		(KAFKA_SASL_USERNAME)
	-sasl-password-file file
		a file with the password (KAFKA_SASL_PASSWORD_FILE). The password
		itself can be in KAFKA_SASL_PASSWORD; there is no flag for it, as other
		users of the machine see the command line
	-oauth-token-file file
		for OAUTHBEARER, a file with a token
		(KAFKA_SASL_OAUTHBEARER_TOKEN_FILE)
	-oauth-token-url url, -oauth-client-id name, -oauth-client-secret-file file,
	-oauth-scope text
		or who gives one out, to whom, and for what
		(KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL, and with the same beginning
		CLIENT_ID, CLIENT_SECRET_FILE and SCOPE); the secret itself can be in
		KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET
	-oauth-extensions list
		what the brokers are told besides, name=value, separated by commas
		(KAFKA_SASL_OAUTHBEARER_EXTENSIONS)
	-aws-profile name
		for AWS_MSK_IAM, the profile in ~/.aws/credentials, or in
		AWS_SHARED_CREDENTIALS_FILE (AWS_PROFILE). Without it, the credentials
		can be in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
		AWS_SESSION_TOKEN, or be those of AWS_ROLE_ARN with
		AWS_WEB_IDENTITY_TOKEN_FILE, or of a container
	-ca-file file
		the certificates to trust, in PEM (KAFKA_SSL_CA_FILE). Default: those
		of the system
	-cert-file file, -key-file file
		the client's own certificate and its key, in PEM (KAFKA_SSL_CERT_FILE,
		KAFKA_SSL_KEY_FILE)
	-namespace name
		the namespace of the publishers, with which their topics begin
		(DEFAULT_NAMESPACE). Default dev
		Events of the bus of Profile2, whose topics begin with onex.evt, are
		read in any case. With ONEX_PROFILE=2 topics and check are about those,
		and the namespace is KAFKA_TOPIC_NAMESPACE, by default none
	-dlq-suffix text
		with which the names of dead-letter topics end (KAFKA_DLQ_SUFFIX).
		Default .dlq
	-partitioning name
		how publishers choose partitions: default, balanced or hash
		(KAFKA_PARTITIONING_STRATEGY)

No secret is ever printed. What comes from Kafka or from a file is printed with
all escaped that would be more than text to a terminal, and cut where it would be
too long for a line. A batch that would be unpacked to more than 16 MiB is left out,
and a record of more than 8 MiB is not read; both are said. If a broker answers more
than 32 MiB at once, the command ends.

# Tail

	onexctl tail [flags] [topic-regexp]

shows the events that are published from now on, a line each: when, of which
type, the first digits of the correlation id, the node, and what has happened. It
shows the topics whose names match the regular expression, else those of the
namespace, and of them those that come into being later too. It consumes in no
group, and leaves no trace. A record that is not an event is shown as such.

	-since time
		begin with what was published then: 10m or 2d ago, or at 2006-01-02,
		"2006-01-02 15:04" or 2006-01-02T15:04:05Z. With later clocks of
		publishers, a little before it may be missing
	-until time
		end with what was published before then; without -since or -n, begin
		with the first events that there are
	-until-end
		the same, where the topics ended when the command began
	-n number
		begin with so many of the last events that there are; of those that
		-type, -node and -correlation let through
	-utc
		show times, and read those without a zone, in UTC, and not in the zone
		of the machine
	-type regexp, -node regexp
		only events of types, or nodes, that match; ^ and $ match the whole
	-correlation id
		only the events of this correlation, over all topics; the first digits
		do. At the end, or when interrupted, the tree of causation is drawn:
		below each event what it has caused, how long after the first event of
		all, and how long operations took. An end that does not say what has
		caused it is taken for that of the latest operation of its name and
		node that has no other
	-dlq
		dead-letter topics too; a dead letter is shown as the event that it was
	-json
		the events' envelopes as they are, a line each; what is not an event
		is {"not_an_event": why, "topic", "partition", "offset", "key",
		"value"}, the last two in base64

Colours are for terminals; NO_COLOR turns them off. The exit code is 1 if there was
no event of the correlation; that is said, with the time since when and the topics
in which there was none. It is 2 if something could not be read.

# Trace

	onexctl trace [flags] id

draws what has happened under a correlation id, of which the first digits do: a line
for each operation, below what has caused it, with when it ran and for how long, and
what became of it; changes of state, metrics and what else has happened stand in
their place. It reads the topics of the namespace and of their dead letters, to
where they end now.

	-topic regexp
		only topics that match, of any namespace
	-since time
		only what was published since then, written as for tail
	-json
		print a JSON object for each line of the drawing, with correlation_id,
		event_id, caused_by, the event of another line, event_type, name,
		node_id, state (completed, failed, not_finished, or event for what is
		no operation), at, begin_ms after the first event of all, duration_ms,
		what, and dead_letter, the reason, if it is one
	-html file
		write a page instead, in one file that needs no other, for a browser
	-utc
		show times in UTC, and not in the zone of the machine

The exit code is 1 if there was no event of the correlation; that is said, with the
time since when and the topics in which there was none.

# Dead letters

Dead letters are the events that Kafka refused, as too large for their topics, say.
The commands for them have these arguments and flags in common:

	id
		an event id, or the first digits of one; or, as what cannot be read
		has none, topic/partition/offset
	-topic regexp
		only of dead-letter topics that match, of any namespace
	-reason regexp
		only if the reason matches
	-since time
		only if they failed since then, written as for tail
	-markers topic
		the topic that remembers what was replayed. Default onexctl.replayed

# List dead letters

	onexctl dlq list [flags] [id ...]

prints a table of the dead letters, fitted to the terminal, with their event ids and
why they were refused, and how many there are for each reason; numbers in a reason
do not count. The exit code is 1 if there are dead letters that were neither
replayed nor discarded.

	-replayed
		print those too that were replayed or discarded
	-json
		print a JSON object for each on a line, with topic, partition, offset,
		size, event_id, event_type, correlation_id, original_topic,
		original_key, failure_reason, failure_timestamp, retry_attempts,
		replayed, discarded, why it was, if so, and fault, why it cannot be
		replayed, if so

# Show dead letters

	onexctl dlq show [flags] id ...

prints all of a dead letter, with the headers of its record.

	-json
		print it as dlq list does, with headers, a list of objects with key
		and value, and original_data besides
	-utc
		show times in UTC, and not in the zone of the machine

# Replay dead letters

	onexctl dlq replay [flags] [id ...]

publishes dead letters again, when what was wrong has been put right.

	-all
		all that there are; else something has to say which
	-letter topic/partition/offset
		this dead letter, also if there are others of the same event that
		differ from it; several times for several
	-dry-run
		print what would be replayed, and do nothing
	-rate number
		replay no more than so many events in a second
	-json
		print a JSON object for each dead letter on a line, with dead_letter,
		event_id, result, and error, if there is one. The result is replayed,
		replayed_before, discarded, with the reason as error, refused,
		cannot_be or would_replay

It publishes to the original topic, with the original key and the same event id,
to the partition that the publisher would have chosen (-partitioning), with the
headers that the dead letter has besides those that make it one. Dead
letters stay where they are until they expire; that one was replayed is
remembered in a compacted topic, which is made when it is missing and must not be
deleted. An event and the note that it was replayed are written in one
transaction: however often replay is run, killed or run twice at once, a consumer
that reads committed (isolation.level=read_committed) gets each event once. One
that does not may also see events of a transaction that was broken off, and then
the same ones once more; it knows them by their event ids. Several dead letters
of one event are replayed once. A second replay of one dead-letter topic stops
the first.

Whoever may write to a topic of dead letters can forge some. So a dead letter is
replayed only if its key is that of its event, and if its event belongs to the
original topic; and if dead letters of one event differ, they are shown side by
side, and none is replayed until -letter says which is right.

A consumer of Python's on the bus of Profile2 puts the dead letters of several topics
into one, such as onex.dlq.omnibase-infra.events.v1. One of those is replayed only if
it is named, by its id or with -letter, with the headers that the bus gives to its
event; not if fields were taken out of it, or if it has no id.

With ACLs, it needs READ on dead-letter topics, WRITE on their original topics,
READ and WRITE on the topic that remembers, and CREATE if that is missing, and
WRITE on the transactional ids that begin with "onexctl.replay.".

The exit code is 1 if anything that was asked for was not replayed, because it is
refused again or cannot be read; that is said, with the reason, and it stays.

# Discard dead letters

	onexctl dlq discard [flags] [id ...]

remembers, in the topic that remembers what was replayed, that dead letters are not
to be, so that they are not listed any more. Without -yes it prints which those
would be.

	-all
		all that there are; else something has to say which
	-letter topic/partition/offset
		this dead letter; several times for several
	-because text
		why; it is remembered
	-yes
		do it
	-json
		print a JSON object for each dead letter, as dlq replay does. The result
		is discarded or would_discard

# Spools

A spool is a folder in which a publisher keeps what Kafka has not taken, also that
of a process that was killed. While a process has it, nobody else can change it, and
that is said, with the process; list then reads a copy of it. What changes a spool
runs as the user that owns the folder, which nobody else may write to. When a
program is replaced while it runs, see "Rolling restarts" in the manual of package
runtime/spool: go doc github.com/omninode-ai/onexevents/runtime/spool.

# List a spool

	onexctl spool list [flags] dir

says how many events of which topics there are, their size and the oldest of them,
and which operations had begun and not ended when the process ended. The exit code
is 1 if the spool is damaged.

	-json
		print a JSON object with events, bytes, topics, unfinished, the started
		events of operations, and damage, if there is any
	-utc
		show times in UTC, and not in the zone of the machine

# Verify a spool

	onexctl spool verify [flags] dir

says whether the spool is damaged; the exit code is 1 if it is.

	-repair
		make a new file of what can be read, and keep the damaged one beside
		it. The exit code is 1 then if an event is lost
	-json
		print a JSON object with sound, events, unfinished, damage, if there is
		any, and repaired: what was, each with error, moved_to, kept and lost

# Drain a spool

	onexctl spool drain [flags] dir

delivers what there is as a publisher with this spool would, and reports the
operations that had not ended as failed (ProcessLost). It ends when nothing is
left, or when it is interrupted; what is left stays in the spool. It prints what
has become of all events, and its exit code is 1 if any are left or lost.

What is no event is not sent, but written to the file rejected.jsonl in the folder,
with the reason. If events are in topics that are not theirs by service and type,
nothing is sent, and the topics are named.

	-any-topic
		send events to whatever topic they are in; for a publisher that
		names its topics otherwise (Config.TopicName)
	-timeout time
		end after this time, as 1m; by default, only with the last event
	-json
		print a JSON object with delivered, dead_lettered, left and lost

# Topics

	onexctl topics plan [flags]
	onexctl topics apply [flags]

compare the topics of a catalog of nodes, and those of their dead letters, with
what Kafka has. plan prints what apply would do, with what Kafka would refuse,
and changes nothing. apply creates the topics that do not exist, and changes those
that are not what they are to be. It does nothing if nothing is left to do, and it
never deletes a topic, nor takes partitions from one.

The catalog is what onexevents prints, from standard input or from files:

	onexevents catalog -format json ./... | onexctl topics plan
	onexctl topics apply -f catalog.json -settings topics.json

	-f file
		a catalog; several times for several, - for standard input
	-topic name
		a topic; several times for several, without a catalog or beside it.
		Publishers with Config.TopicName have other topics than their catalog.
		A catalog with topics of another namespace is refused, and so are
		Kafka's own topics, whose names begin with __
	-settings file
		see below
	-partitions n
		of topics of events. Default 3
	-replication-factor n
		of topics to create. Default: what the brokers do
	-retention time
		how long events are kept: 7d, 36h or forever. Default 7d
	-no-dlq
		no topics of dead letters (KAFKA_ENABLE_DLQ=false)
	-dlq-partitions n, -dlq-retention time
		the same of topics of dead letters. Defaults 1 and 30d
	-overwrite
		lower and replace settings too, see below
	-json
		print the plan as a JSON object with done, create, change, topics,
		unmatched, the patterns of the settings that match none, and unnamed,
		topics that no catalog names. Each topic has topic, action (create,
		change, none or fault), changes, kept, warnings and error
	-timeout time
		give up then. Default 5m

What a person may have wanted stays: more partitions, other replicas, a longer
retention, a larger size, and a setting such as cleanup.policy that was set on the
topic itself. The plan says so. -overwrite sets what can be set; Kafka may then
delete events at once. More partitions are always added: most keys then go to
another partition, and a reader may see the events of one key that come before
and after out of order. So choose them at the beginning.

The file with settings is JSON. What it has is optional, and flags go before it:

	{
	  "partitions": 6,
	  "replication_factor": 3,
	  "retention": "14d",
	  "cleanup_policy": "delete",
	  "configs": {"min.insync.replicas": "2"},
	  "dead_letters": {"partitions": 1, "retention": "90d"},
	  "no_dead_letters": false,
	  "overwrite": false,
	  "topics": [
	    {"match": "*.metric.recorded.v1", "partitions": 1, "retention": "1d"}
	  ]
	}

dead_letters and each of topics can have the first five. configs are further
settings by Kafka's names. In match, * stands for any text; of several that match
a topic, the last one counts that has something. It is for topics of dead letters
only if it ends with their suffix.

With a catalog, plan also lists the topics of the namespace that are on the cluster
and in no catalog; nothing is done with them.

The exit code of plan is 0 if there is nothing to do, and 1 if there is something.
It is 1 with both commands if a topic cannot be as asked for; the others are made.
It is 2 if that is for want of rights.

# Check

	onexctl check [flags]

connects as a publisher would, and says whether events would get to Kafka, and if
not, why, in the words of a publisher's health: the cause, the error, and what to
do. It asks each broker, because publishers need all of them, and whether events
may be written. It writes none.

	-f file
		check also the topics of a catalog, and those of their dead letters:
		whether they exist, may be written to, and have leaders and in-sync
		replicas. Several times for several, - for standard input
	-topic name
		the same of a topic; several times for several
	-wait
		wait until all is well, as long as -timeout allows
	-json
		print what was found as a JSON object with up, cause, error, remedy,
		asked, the addresses, brokers, checked, the number of topics, and
		topics, those with a fault
	-timeout time
		how long to try. Default 10s

The exit code is 0 if all is well, and 1 if something is not.

# Completion

	onexctl completion bash | zsh | fish

prints a script for a shell. With it, the shell completes commands, flags, topics,
and the ids of dead letters:

	source <(onexctl completion bash)                    # in ~/.bashrc
	source <(onexctl completion zsh)                     # in ~/.zshrc
	onexctl completion fish | source                     # in config.fish

It reaches Kafka by the environment, and by the flags that are on the line already.

# Manual page

	onexctl man

prints this manual as a page for man(1):

	onexctl man > /usr/local/share/man/man1/onexctl.1

# Version

	onexctl version [-json]

says which version this is, and what it was made with.

	-json
		print a JSON object with version, revision, go and platform
*/
package main
