package cluster

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// patiently asks until there is an answer, as long as patience lasts: a broker
// may be restarted, or a leader be elected.
func patiently(ctx context.Context, ask func(context.Context) error) error {
	end := time.Now().Add(Patience)
	for {
		err := ask(ctx)
		var denied *kadm.AuthError
		if err == nil || errors.As(err, &denied) || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// list asks for offsets of topics. What is wrong with single partitions is in
// the answer; without the answer of a broker there is none.
func list(ctx context.Context, ask func(context.Context, ...string) (kadm.ListedOffsets, error), topics []string) (offsets kadm.ListedOffsets, err error) {
	passing := patiently(ctx, func(ctx context.Context) error {
		if offsets, err = ask(ctx, topics...); err != nil {
			return err
		}
		if err := offsets.Error(); kerr.IsRetriable(err) {
			return err
		}
		return nil
	})
	if passing != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return offsets, err
}
