/*
Onexevents generates the methods that publish a node's lifecycle events to
Kafka, from one comment on the node's struct.

Usage:

	onexevents [flags] [packages]
	onexevents catalog [flags] [packages]
	onexevents new [flags] folder
	onexevents help
	onexevents version

It takes Go 1.26 or later, to run and to compile what it generates. The comment is a directive in the doc comment of a struct type:

	//go:generate onexevents

	// Stamper stamps documents.
	//
	//onex:operations type=effect service=stamping stamp(StampRequest,StampResult) verify
	type Stamper struct {
		events *StamperEvents
	}

For it, onexevents writes stamper_events_gen.go beside the struct's file, with
the type StamperEvents, its constructor NewStamperEvents, the event types and
their catalog, and these methods for each operation:

	PublishStampStarted    PublishStampCompleted    PublishStampFailed
	RunStamp, which runs a function between these events

and PublishStateChanged and PublishMetricRecorded for the node.

# The directive

	//onex:operations type=<node type> service=<service> [state=false|state=<Type>] [metric=false] <op> [<op> ...]

	type=      effect, compute, reducer or orchestrator
	service=   the service that the node belongs to, a part of its topics:
	           lower-case words joined by _ or -
	state=     the Go type of the node's states, a string type or one with a
	           method String; false if the node has no state event. A type of
	           the package that is no string may get its method later: what is
	           generated does not compile before it has it
	metric=    false if the node has no metric event
	<op>       an operation: lower-case words joined by _, and the Go types of
	           its input and its result as the struct's file spells them

	name           input and result are map[string]any
	name(In,Out)   input and result of these types
	name(In)       no result
	name(,Out)     no input
	name()         neither

	name@2(In,Out) a later version of the operation's events, from 2

Operations are separated by spaces or commas. Several directives on one struct
add up.

# Versions

What consumers rely on in an operation's events, such as the keys of its summaries,
changes in a new version, beside the one that there is:

	//onex:operations type=effect service=stamping stamp(Document,Stamp) stamp@2(DocumentV2,Stamp)

The events of a later version have the same types, topics that end in .v2 in the
place of .v1, the event_version 2.0, and V2 in their Go names: PublishStampV2Started,
RunStampV2. As long as there are consumers of both, one run publishes both, with what
makes the old input of the new one:

	return e.RunStampV2(ctx, doc, onex.Also(e.RunStamp, DocumentV2.Old, s.stamp))

When the last consumer has moved, the old version goes out of the directive.

# Types

A type is spelled as in the struct's file, and its package is found by the imports
there. Where nothing but the directive needs a package, import it as _; if the
methods that use it stand in another file, the import there counts too, as long as
the files agree on what the name means. What a path only suggests is a guess, and
then the go command is asked what the package is called.

A type that Go would refuse whatever the packages say is a mistake in the directive.
What only the compiler can know, such as whether there is such a type, it says when
it compiles the generated file: all types stand at its beginning, below the words of
the directive that name them.

A type that is given by value is copied when it is published or handed to a function,
and go vet complains of it in the generated file if it has a lock in it. Name a
pointer to it then: *Request.

# Build constraints

A node's file may stand under build constraints, in a //go:build line, in its name or
because it uses cgo. What is generated stands under the same, and is the same on every
machine and with any -tags: a file that is excluded here is read like any other, also
one with //go:build ignore, and -check and the catalog know its nodes. One struct in
several files, under constraints that differ, has a generated file for each, with the
constraint in its name. -tags, GOFLAGS, GOOS and GOARCH only
decide what the go command says of the packages, so they need not be set; and
GOOS=windows go tool onexevents would build onexevents itself for Windows.

# Generated files

Each names the file that it was generated from. A licence in front of its first line,
which is how addlicense and reuse put it, stays there. An operation's part of the file has a
checksum in the comment of its Run method, as //onexevents:sum; so two branches that
change different operations merge in the generated file too, and -check tells a file
that was edited by hand from a stale one. After a merge with conflicts, settle the
directive and generate again.

A generated file that is a symbolic link is written through, if it leads to a regular
file of the same module, and otherwise refused, as is a pipe or a device.

A nil companion, in a test of a node that nobody has constructed, has no publisher: its
Run methods run their functions, and its Publish methods return ErrNoPublisher.

# What it does

Packages are named as for the go command; the default is ".", the package in
the current folder, and Go files stand for their packages, whatever modules they are
in, as an editor or pre-commit names them. With a driver for other build systems
(GOPACKAGESDRIVER), it asks that. Packages need not compile. Every mistake in their directives is reported, as

	file:line:column: what is wrong; what to write instead

and the packages without a mistake are generated. Only files whose content
changes are written, each whole or not at all, even if the disk is full or the
run is killed. Files without the line "// Code generated by onexevents. DO NOT EDIT."
in front of their package clause are never touched. Those that have it, and whose
struct has no directive any more, are removed, unless somebody has edited them: these
are reported.

The flags are:

	-check
		write nothing, and print what is the matter with each file, and how
		it differs from what would be generated, as a unified diff. A file
		is stale, missing, orphan if its struct has no directive any more,
		or edited by hand
	-json
		print JSON lines, as explained below
	-watch
		generate now and on every change, of the packages, of what comes to
		match their patterns, of what their files are links to, and of go.mod
		and go.work, here and above, and print a line each time, until
		interrupted. A folder that goes, as with a checkout, is watched again
		when it comes back
	-tags list
		build tags, separated by commas, as for the go command
	-version
		print the version, as onexevents version does
	-h
		print this manual, as onexevents help does

The exit code is 0 if all went well, 1 if anything was wrong with the packages
or their files could not be written, and 2 if onexevents was called wrongly.
With -check it is 0 if every file is up to date, 1 if one is not, and 2 if that
could not be found out; with -watch it is 0 when interrupted.

# The catalog

	onexevents catalog [-format json|markdown|html|asyncapi|contract|schema] [-o file] [-events file] [-check] [-tags list] [packages]

prints the nodes of the packages and the events that they publish: in order of
the packages' paths, and in a package of the nodes' files and positions. In a
topic, {namespace} stands for the namespace of the publisher. Nodes of test files
are left out. The variants of a struct for different build constraints are one
node, with the events of all of them.

	-format json
		{"nodes": [...]}, the default; each node has these keys:
		package              the path of its package
		node, type, service  as in the directive
		operation_lifecycle  the types of its operations' events
		state_events         the type of its state event, or none
		metric_events        the type of its metric event, or none
		topics               the topics of all these, in this order
		event_types_2        what their types are with Profile2, and
		topics_2             their topics there
		refused_2            why Profile2 refuses the node, if it does
		operations           operation, version, and of input and result the
		                     type, and the summary's keys with the names of
		                     their types, where it is a struct of the package
		record_key           the key of a record is the first of these of its
		                     envelope that is not empty
	-format markdown
		a page with the events and topics of each node, and all keys of what
		is published
	-format html
		a page to open in a browser, in one file: the nodes with their
		comments, a picture of them, and of each event its topics, key,
		payload and examples, with a search
	-format asyncapi
		an AsyncAPI 3.0 document in JSON: a channel for each topic of each
		profile, and named messages and schemas that tools can generate code
		from. A node's comment describes its messages
	-format contract
		an ONEX contract.yaml as far as it is known here (name,
		contract_version, node_type, description, event_bus and
		published_events), a YAML document for each node, with the topics
		of Profile2. A node that Profile2 refuses is a mistake here
	-format schema
		with -o, which names a folder: a JSON Schema of draft 7 for each
		message of each profile, which refers to nothing outside of it, for a
		schema registry. Those of events that are gone are removed
	-o file
		write to the file, if it says something else. A file that is neither
		empty nor a catalog in this format is not overwritten
	-events file
		with -format html: the events of a run, one a line as onexctl tail
		-json prints them, of either profile. The page shows what has
		caused what
	-check
		write nothing, and print how the file of -o differs, as a unified diff
	-tags list
		as above

Anything wrong in a package is reported as above; then there is no catalog, and
the exit code is 1. With -check it is 0 if the file is up to date, 1 if it is not,
and 2 if that could not be found out.

# What consumers lose

	onexevents catalog -breaking OLD [-except rules] [-json] [-tags list] [packages]

compares the catalog with an old one, and prints what those who read the events
lose: the place in the directive, or in the old catalog if that has nothing left
of it, a rule, what is lost, and a remedy. What is only added comes behind.

	-breaking OLD
		a file that catalog -format json has written, or git:REV, which is
		what git has of a revision, as in git:origin/main
	-except rules
		rules that may be broken, separated by commas
	-json
		print JSON lines of the kinds breaking and added, as explained below

A line of the struct's comment allows a change too, and says why:

	//onex:except state-off nobody has read the states since May

The rules are:

	topic-gone           nothing comes to a topic any more; a node of another
	                     service still publishes events of that type
	topic-renamed        the events go to a topic of another name
	event-type-gone      there are no events of a type any more
	service-renamed      a node belongs to another service
	type-renamed         a node is of another type
	operation-renamed    an operation is called otherwise
	state-off            a node publishes no state events any more
	metric-off           a node publishes no metric events any more
	input-gone           an operation has no input any more
	result-gone          an operation has no result any more
	input-changed        an input whose keys are not known is of another type
	result-changed       a result whose keys are not known is of another type
	summary-key-gone     a key of a summary is gone, or not known to come
	summary-key-changed  a key of a summary is of another type
	version-gone         a version of an operation's events is gone, and
	                     another is published
	key-changed          the key of the records is another, and so their order
	profile2-refused     Profile2 refuses a node that it took before

The exit code is 0 if nothing is lost that is not excepted, 1 if something is, and
2 if that could not be found out. In CI, which has to fetch the branch first:

	git fetch origin main
	go tool onexevents catalog -breaking git:origin/main ./...

AsyncAPI's own diff of two documents calls it breaking, too, that an event comes
from a struct of another name, of which no consumer sees anything; that an input
or a result goes, and all that changes in summaries, it calls unclassified.

# A new node

	onexevents new -type effect -service stamping -op 'stamp(Document,Stamp)' stamper
	onexevents new -contract contract.yaml stamper

writes a package main into a folder of your module that is not there yet, or is empty
but for go.mod, go.sum and hidden files, and prints the names of its files:

	node.go                 the struct with its directive, and a method for each
	                        operation, whose body is yours to write
	types.go                a small struct for each type that the operations name
	states.go               the type of the node's states, which can follow which,
	                        and the method that goes from one to another
	node_test.go            a test with package onextest
	main.go                 a program that runs the node with the Kafka of the
	                        environment
	<node>_events_gen.go    what onexevents generates

It compiles and passes its test. All but the last file is yours from then on: nothing
is overwritten, and new does not come back to it.

	-type
		effect, compute, reducer or orchestrator
	-service
		the service that the node belongs to. With -contract, in the place of
		the one that its topics show
	-op
		an operation, as in the directive; one flag for each. Types are those
		of the new package, of Go itself, or of time, encoding/json, net/url
		and google/uuid
	-name
		the name of the struct; otherwise that of the contract, without node_,
		or of the folder, with Node behind it if a type is called so
	-state
		the node's states, separated by commas: the first is where it begins,
		and each leads to the next. Otherwise idle and running; false if the
		node has no state event
	-metric
		false if the node has no metric event
	-contract
		an ONEX contract.yaml, which says all that but the name

A mistake in a flag has its place: -op:2:7 is byte 7 of the second -op.

From a contract come the node's type and comment, and the operations, in their
versions, whose started, completed and failed events are among its published_events
or publish_topics; the state and the metric event if these have them. So catalog
-format contract gives the same events back. The types of an operation are the models
of the handler of that name, or of the contract if there is one operation only; the
states are those of its state_machine. If no topic is of an operation's event, the
operations are those of handler_routing and io_operations. What the contract publishes
and the node does not is said on stderr, as is a topic that will be another because it
has no node type in it. Keys that say nothing of this are not looked at; others with a
wrong value are mistakes, with their line.

# Running it

In a module of your own, so that everybody runs the version in go.mod:

	go get -tool github.com/omninode-ai/onexevents/cmd/onexevents@latest
	//go:generate go tool onexevents

With onexevents on the PATH, //go:generate onexevents does, and

	onexevents ./...

generates all packages of a module in one run, faster than one by one. Where a
package has several //go:generate lines, all but the first find nothing to do.
They need no $GOFILE, since go generate runs them in the package's folder; with it
they do the same.

An editor may run it on every save, with the saved file as its argument, in about
the time of go list; the repository's README shows the settings.

# JSON lines

With -json, all that there is to say of the packages goes to stdout, one JSON
object a line; only wrong use is still said on stderr.

	{"kind":"diagnostic","file":"/m/a.go","line":3,"column":7,"message":"what is wrong; what to write instead"}
	{"kind":"file","file":"/m/a_events_gen.go","state":"written"}
	{"kind":"round","message":"written a_events_gen.go"}

	file      absolute; a diagnostic without a place has none, nor a line
	line      from 1; missing if the diagnostic is about the whole file
	column    from 1, in bytes
	state     written or removed; with -check the matter with the file
	diff      with -check, the unified diff
	rule      the rule that a change breaks; also remedy, topics, and excepted,
	          which says why it may

A file that is up to date is not mentioned. A round is the end of one round of
-watch: the diagnostics before it replace those of the round before. More keys and
kinds may come; those that are here stay.
*/
package main
