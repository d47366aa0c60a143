package kafka

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
)

// Place is where a broker's answer has come back.
type Place uint8

const (
	Metadata   Place = iota // of a topic
	ProducerID              // InitProducerID: without one a client delivers nothing
	Produce                 // of an event
	Letter                  // Produce of a dead letter
)

// Short for the table.
const (
	records = delivery.RecordFault
	senders = delivery.SenderFault
	topics  = delivery.TopicFault
	clients = delivery.ClientFault
)

// verdicts says of each of Kafka's error codes whose fault it is, at each place
// in the order of the places. What is not proved to be the record's fault must
// never cost a record: where nothing is known, an event's topic waits, and a dead
// letter is sent again. Of a producer id, client means that kgo takes the answer
// for final and this client never gets one; it asks again after the others.
var verdicts = []struct {
	by    [4]delivery.Verdict
	codes []*kerr.Error
}{
	// The record is refused for its own sake. It is not if metadata say so: then it
	// has not been seen by anybody.
	{[4]delivery.Verdict{topics, clients, records, records}, []*kerr.Error{
		kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidRecord,
	}},

	// The topic is not there, or another of its name is, or it takes nothing of ours.
	// Where dead letters cannot be written either, nobody is helped by waiting.
	{[4]delivery.Verdict{topics, senders, topics, topics}, []*kerr.Error{
		kerr.UnknownTopicOrPartition, kerr.UnknownTopicID, kerr.InconsistentTopicID,
	}},
	{[4]delivery.Verdict{topics, clients, topics, topics}, []*kerr.Error{
		kerr.TopicAuthorizationFailed, kerr.InvalidTopicException, kerr.UnsupportedForMessageFormat,
	}},

	// The client's producer id or its sequence is not what the broker wants. Another
	// client has another one. The first four, kgo mends by itself.
	{[4]delivery.Verdict{topics, clients, clients, clients}, []*kerr.Error{
		kerr.OutOfOrderSequenceNumber, kerr.UnknownProducerID, kerr.InvalidProducerIDMapping, kerr.InvalidProducerEpoch,
		kerr.DuplicateSequenceNumber, kerr.ProducerFenced,
	}},

	// The sender's: its credentials, its clock, its quota (POLICY_VIOLATION is what
	// Azure Event Hubs answers when it throttles), its version, its compression.
	{[4]delivery.Verdict{senders, clients, senders, senders}, []*kerr.Error{
		kerr.ClusterAuthorizationFailed, kerr.SaslAuthenticationFailed, kerr.UnsupportedSaslMechanism, kerr.IllegalSaslState,
		kerr.SecurityDisabled, kerr.DelegationTokenAuthDisabled, kerr.DelegationTokenNotFound, kerr.DelegationTokenOwnerMismatch,
		kerr.DelegationTokenRequestNotAllowed, kerr.DelegationTokenAuthorizationFailed, kerr.DelegationTokenExpired,
		kerr.UnacceptableCredential, kerr.PrincipalDeserializationFailure, kerr.TransactionalIDAuthorizationFailed,
		kerr.GroupAuthorizationFailed,
		kerr.InvalidTimestamp, kerr.PolicyViolation,
		kerr.UnsupportedVersion, kerr.UnsupportedCompressionType, kerr.InvalidRequiredAcks, kerr.InvalidRequest,
	}},

	// The moment's: brokers start, end, or have too much to do. Most of these kgo
	// repeats by itself for as long as it takes.
	{[4]delivery.Verdict{senders, senders, senders, senders}, []*kerr.Error{
		kerr.ThrottlingQuotaExceeded, kerr.CorruptMessage, kerr.LeaderNotAvailable, kerr.NotLeaderForPartition,
		kerr.RequestTimedOut, kerr.BrokerNotAvailable, kerr.ReplicaNotAvailable, kerr.NetworkException,
		kerr.CoordinatorLoadInProgress, kerr.CoordinatorNotAvailable, kerr.NotCoordinator, kerr.NotController,
		kerr.NotEnoughReplicas, kerr.NotEnoughReplicasAfterAppend, kerr.KafkaStorageError, kerr.ListenerNotFound,
		kerr.FencedLeaderEpoch, kerr.UnknownLeaderEpoch, kerr.OffsetNotAvailable, kerr.PreferredLeaderNotAvailable,
		kerr.EligibleLeadersNotAvailable, kerr.ConcurrentTransactions,
	}},
	{[4]delivery.Verdict{topics, clients, topics, senders}, []*kerr.Error{
		kerr.UnknownServerError, kerr.InvalidReplicationFactor, kerr.StaleControllerEpoch, kerr.StaleBrokerEpoch,
		kerr.OperationNotAttempted, kerr.LogDirNotFound, kerr.ReassignmentInProgress, kerr.NewLeaderElected,
		kerr.RebootstrapRequired, kerr.ResourceNotFound, kerr.DuplicateResource,
	}},

	// What makes no sense at these places. A broker, or what stands in for one, that
	// says so all the same has a reason that may concern one topic alone.
	{[4]delivery.Verdict{topics, senders, topics, senders}, []*kerr.Error{
		kerr.FetchSessionIDNotFound, kerr.InvalidFetchSessionEpoch, kerr.FetchSessionTopicIDError,
		kerr.ElectionNotNeeded, kerr.UnstableOffsetCommit, kerr.ShareSessionLimitReached,
	}},
	{[4]delivery.Verdict{topics, clients, topics, senders}, []*kerr.Error{
		kerr.OffsetOutOfRange, kerr.InvalidFetchSize, kerr.OffsetMetadataTooLarge, kerr.IllegalGeneration,
		kerr.InconsistentGroupProtocol, kerr.InvalidGroupID, kerr.UnknownMemberID, kerr.InvalidSessionTimeout,
		kerr.RebalanceInProgress, kerr.InvalidCommitOffsetSize, kerr.TopicAlreadyExists, kerr.InvalidPartitions,
		kerr.InvalidReplicaAssignment, kerr.InvalidConfig, kerr.InvalidTxnState, kerr.InvalidTransactionTimeout,
		kerr.TransactionCoordinatorFenced, kerr.InvalidPrincipalType, kerr.NonEmptyGroup, kerr.GroupIDNotFound,
		kerr.TopicDeletionDisabled, kerr.MemberIDRequired, kerr.GroupMaxSizeReached, kerr.FencedInstanceID,
		kerr.NoReassignmentInProgress, kerr.GroupSubscribedToTopic, kerr.InconsistentVoterSet, kerr.InvalidUpdateVersion,
		kerr.FeatureUpdateFailed, kerr.SnapshotNotFound, kerr.PositionOutOfRange, kerr.DuplicateBrokerRegistration,
		kerr.BrokerIDNotRegistered, kerr.InconsistentClusterID, kerr.TransactionalIDNotFound, kerr.IneligibleReplica,
		kerr.OffsetMovedToTieredStorage, kerr.FencedMemberEpoch, kerr.UnreleasedInstanceID, kerr.UnsupportedAssignor,
		kerr.StaleMemberEpoch, kerr.MismatchedEndpointType, kerr.UnsupportedEndpointType, kerr.UnknownControllerID,
		kerr.UnknownSubscriptionID, kerr.TelemetryTooLarge, kerr.InvalidRegistration, kerr.TransactionAbortable,
		kerr.InvalidRecordState, kerr.ShareSessionNotFound, kerr.InvalidShareSessionEpoch, kerr.FencedStateEpoch,
		kerr.InvalidVoterKey, kerr.DuplicateVoter, kerr.VoterNotFound, kerr.InvalidRegularExpression,
		kerr.StreamsInvalidTopology, kerr.StreamsInvalidTopologyEpoch, kerr.StreamsTopologyFenced,
		kerr.GroupDeletionFailed, kerr.StreamsTopologyDescriptionUpdateFailed, kerr.ControllerIDNotRegistered,
	}},
}

var byCode = func() map[*kerr.Error][4]delivery.Verdict {
	m := map[*kerr.Error][4]delivery.Verdict{}
	for _, row := range verdicts {
		for _, code := range row.codes {
			m[code] = row.by
		}
	}
	return m
}()

// notGiven are the client's own errors that say that a record has not been sent,
// or no more than that.
var notGiven = []error{kgo.ErrClientClosed, kgo.ErrMaxBuffered, kgo.ErrAborting}

// Judge says what an error means for what came back with it. An error that is
// nobody's answer, such as that of a connection, is the moment's.
func Judge(at Place, err error) delivery.Verdict {
	if err == nil {
		return delivery.Delivered
	}
	for _, own := range notGiven {
		if errors.Is(err, own) {
			return delivery.Again
		}
	}
	if answer, ok := errors.AsType[*kerr.Error](err); ok {
		if by, ok := byCode[answer]; ok {
			return by[at]
		}
		return [4]delivery.Verdict{topics, clients, topics, senders}[at]
	}
	return senders
}

// MadeAnew tells whether a topic was made anew since the client has found it.
func MadeAnew(err error) bool {
	return errors.Is(err, kerr.UnknownTopicID) || errors.Is(err, kerr.InconsistentTopicID)
}
