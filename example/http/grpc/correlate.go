// Package correlate carries correlation ids through gRPC, as onexhttp does through
// HTTP.
package correlate

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	onex "github.com/omninode-ai/onexevents/runtime"
)

const key = "x-correlation-id"

// Server is for grpc.NewServer(grpc.UnaryInterceptor(correlate.Server)). A request
// whose id is missing or invalid gets a new one.
func Server(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	id := uuid.New()
	if values := metadata.ValueFromIncomingContext(ctx, key); len(values) == 1 {
		if own, err := uuid.Parse(values[0]); err == nil && own != uuid.Nil {
			id = own
		}
	}
	return next(onex.ContextWithCorrelation(ctx, id), req)
}

// Client is for grpc.NewClient(target, grpc.WithUnaryInterceptor(correlate.Client)).
func Client(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, call grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if id, ok := onex.CorrelationFromContext(ctx); ok {
		ctx = metadata.AppendToOutgoingContext(ctx, key, id.String())
	}
	return call(ctx, method, req, reply, conn, opts...)
}
