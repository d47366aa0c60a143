/*
Onexctl is the operator's tool: it shows the events of nodes as they come, and
looks after dead letters and spools.

Usage:

	onexctl <command> [flags] [arguments]

The commands are:

	tail          show events as they come
	dlq list      list dead letters, and why they are there
	dlq show      show one dead letter whole
	dlq replay    publish dead letters again, each once
	spool list    say what a spool's folder holds
	spool verify  say whether a spool is damaged, or repair it
	spool drain   deliver what a spool holds

onexctl <command> -h shows the part of this manual about a command. Flags stand
in front of arguments.

The exit code is 0 if all is well, 1 if what was found is not, as said with each
command, and 2 if onexctl was called wrongly or could not find out.

# Connection

How to reach Kafka is said by the environment variables that publishers read, and
by these flags, which go before them. They are the same for all commands.

	-brokers list
		host:port, separated by commas (KAFKA_BOOTSTRAP_SERVERS). Default
		127.0.0.1:9092
	-security-protocol name
		PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL (KAFKA_SECURITY_PROTOCOL)
	-sasl-mechanism name
		PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 (KAFKA_SASL_MECHANISM)
	-sasl-username name
		(KAFKA_SASL_USERNAME)
	-sasl-password-file file
		a file with the password (KAFKA_SASL_PASSWORD_FILE). The password
		itself can be in KAFKA_SASL_PASSWORD; there is no flag for it, as other
		users of the machine see the command line
	-ca-file file
		the certificates to trust, in PEM (KAFKA_SSL_CA_FILE). Default: those
		of the system
	-cert-file file, -key-file file
		the client's own certificate and its key, in PEM (KAFKA_SSL_CERT_FILE,
		KAFKA_SSL_KEY_FILE)
	-namespace name
		the namespace of the publishers, with which their topics begin
		(DEFAULT_NAMESPACE). Default dev
	-dlq-suffix text
		with which the names of dead-letter topics end (KAFKA_DLQ_SUFFIX).
		Default .dlq
	-partitioning name
		how publishers choose partitions: default, balanced or hash
		(KAFKA_PARTITIONING_STRATEGY)

No secret is ever printed. What comes from Kafka or from a file is printed with
all escaped that would be more than text to a terminal.

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
	-until-end
		end where the topics ended when the command began; without -since,
		begin with the first events that there are
	-type regexp, -node regexp
		only events of types, or nodes, that match; ^ and $ match the whole
	-correlation id
		only the events of this correlation, over all topics; the first digits
		do. At the end, or when interrupted, the tree of causation is drawn:
		below each event what it has caused, how long after the first event of
		all, and how long operations took
	-dlq
		dead-letter topics too; a dead letter is shown as the event that it was
	-json
		the events' envelopes as they are, a line each; what is not an event
		is {"not_an_event": why, "topic", "partition", "offset", "key",
		"value"}, the last two in base64

Colours are for terminals; NO_COLOR turns them off. The exit code is 1 if
something could not be read.
*/
package main
