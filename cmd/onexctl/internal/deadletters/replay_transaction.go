package deadletters

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// transactionTimeout is after how long brokers give up a transaction of which
// they hear nothing more.
const transactionTimeout = 30 * time.Second

// renew makes a new client, and finds out what was replayed. The brokers abort
// what was begun under its transactional id before: its own transaction of which
// it does not know how it ended, that of a process that was killed, or of one
// that is at work.
func (t *replayer) renew(ctx context.Context) error {
	t.close()
	var err error
	t.client, err = cluster.Dial(ctx, t.opts,
		kgo.TransactionalID(t.id),
		kgo.TransactionTimeout(transactionTimeout),
		kgo.RecordDeliveryTimeout(transactionTimeout)) // the transaction is aborted then
	if err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, 2*transactionTimeout)
	defer cancel()
	if _, _, err := t.client.ProducerID(waiting); err != nil {
		if errors.Is(err, kerr.TransactionalIDAuthorizationFailed) {
			err = fmt.Errorf("%w; allow WRITE and DESCRIBE on the transactional ids that begin with onexctl.replay", err)
		}
		return fmt.Errorf("begin transactions as %s: %w", terminal.Printable(t.id), err)
	}
	return t.markers.catchUp(ctx, true)
}

func (t *replayer) close() {
	if t.client != nil {
		t.client.Close()
		t.client = nil
	}
}

// commit writes events with their markers, all or none. After an error the
// client is of no use any more, and only the markers can tell which.
func (t *replayer) commit(ctx context.Context, batch []parcel) error {
	var records []*kgo.Record
	for _, p := range batch {
		if p.event != nil {
			records = append(records, p.event)
		}
	}
	for _, p := range batch {
		records = append(records, p.mark)
	}
	begun := time.Now()
	if err := t.client.BeginTransaction(); err != nil {
		return err
	}
	err := worst(t.client.ProduceSync(ctx, records...))
	if err == nil {
		err = t.client.EndTransaction(ctx, kgo.TryCommit)
	}
	if isOneOf(err, fenced) && time.Since(begun) > transactionTimeout {
		return errTooLong // that may be all
	}
	return err
}

// errTooLong is for a transaction that the brokers may have given up.
var errTooLong = errors.New("a transaction took too long; the brokers may be overloaded")

// worst returns the error that says the most: those of other records may only
// follow from it.
func worst(results kgo.ProduceResults) error {
	for _, which := range [][]error{fenced, unfit, {kerr.UnknownTopicOrPartition, kerr.TopicAuthorizationFailed}} {
		for _, result := range results {
			if isOneOf(result.Err, which) {
				return fmt.Errorf("topic %s: %w", terminal.Printable(result.Record.Topic), result.Err)
			}
		}
	}
	return results.FirstErr()
}
