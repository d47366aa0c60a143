package onex

// CauseOf returns the cause that an error of the Kafka client tells of, in the
// words of [Health]; "" if it tells of none: a record was refused for its own
// sake, or somebody's context has ended. [Publisher.Health] knows more, because
// it sees how connections fail.
func CauseOf(err error) Cause {
	cause, _ := causeOf(err)
	return cause
}

// Remedy returns what to do about the cause, as a clause for people; "" for a
// cause that says nothing of that.
func (c Cause) Remedy() string {
	switch c {
	case CauseConnecting:
		return "wait a moment, or ask for longer"
	case CauseRefused:
		return "start the brokers, or correct KAFKA_BOOTSTRAP_SERVERS; a firewall may be in between"
	case CauseDNS:
		return "correct the names in KAFKA_BOOTSTRAP_SERVERS, and the brokers' advertised.listeners, or the machine's name service"
	case CauseTLS:
		return "compare KAFKA_SECURITY_PROTOCOL with the brokers' listener, and KAFKA_SSL_CA_FILE with who signed their certificates; renew what has expired"
	case CauseAuthentication:
		return "correct KAFKA_SASL_MECHANISM, the user name and the password"
	case CauseAuthorization:
		return "let the user write to the topic: kafka-acls --add --allow-principal User:… --producer --topic …"
	case CauseTopicMissing:
		return "create the topic: onexctl topics apply, or onex.EnsureTopics"
	case CauseTimeout:
		return "look at the brokers' logs and load: they take connections and do not answer; with acknowledgements missing, at min.insync.replicas"
	case CauseThrottled:
		return "raise the user's quota (kafka-configs --alter --entity-type users --add-config producer_byte_rate=…), or publish less"
	case CauseDiskFull:
		return "make room on the spool's disk"
	}
	return ""
}
