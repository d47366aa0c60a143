package breaking

// The rules. Their names are written into comments and command lines, and stay.
const (
	topicGone         = "topic-gone"          // nobody publishes to a topic any more, though there are events of its type elsewhere
	topicRenamed      = "topic-renamed"       // the events of an operation go to a topic of another name
	eventTypeGone     = "event-type-gone"     // there are no events of a type any more
	serviceRenamed    = "service-renamed"     // a node belongs to another service, which is in its topics
	typeRenamed       = "type-renamed"        // a node is of another type, which is in its topics and event types
	operationRenamed  = "operation-renamed"   // an operation is called otherwise, which is in its topics and event types
	stateOff          = "state-off"           // a node publishes no state events any more
	metricOff         = "metric-off"          // a node publishes no metric events any more
	inputGone         = "input-gone"          // an operation has no input any more, and its summary no keys
	resultGone        = "result-gone"         // an operation has no result any more, and its summary no keys
	inputChanged      = "input-changed"       // an input whose keys are not known is of another type
	resultChanged     = "result-changed"      // a result whose keys are not known is of another type
	summaryKeyGone    = "summary-key-gone"    // a key of a summary is gone, or is not known to come any more
	summaryKeyChanged = "summary-key-changed" // the value of a key in a summary is of another type
	versionGone       = "version-gone"        // a version of an operation's events is not published any more, while another is
	keyChanged        = "key-changed"         // the key of the records is another, and so is their order
	profile2Refused   = "profile2-refused"    // Profile2 refuses a node that it did not refuse before
)

// Rules are the names of all rules.
var Rules = []string{
	topicGone, topicRenamed, eventTypeGone, serviceRenamed, typeRenamed, operationRenamed,
	stateOff, metricOff, inputGone, resultGone,
	inputChanged, resultChanged, summaryKeyGone, summaryKeyChanged, versionGone, keyChanged, profile2Refused,
}
