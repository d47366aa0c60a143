package correlate_test

import (
	"context"
	"net"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	correlate "github.com/omninode-ai/onexevents/example/http/grpc"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// service is any service: it tells which id its context has.
type service struct {
	grpc_health_v1.UnimplementedHealthServer
	ids chan uuid.UUID
}

func (s *service) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	id, _ := onex.CorrelationFromContext(ctx)
	s.ids <- id
	return &grpc_health_v1.HealthCheckResponse{}, nil
}

// The id of the caller's context is that of the service's; what is none is replaced.
func TestThroughGRPC(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(correlate.Server))
	s := &service{ids: make(chan uuid.UUID, 1)}
	grpc_health_v1.RegisterHealthServer(server, s)
	go func() { _ = server.Serve(l) }() // until it is stopped
	defer server.Stop()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithUnaryInterceptor(correlate.Client))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	own := uuid.New()
	for name, tt := range map[string]struct {
		ctx  context.Context
		want uuid.UUID // uuid.Nil for a new one
	}{
		"the caller's": {onex.ContextWithCorrelation(t.Context(), own), own},
		"none":         {t.Context(), uuid.Nil},
		"nonsense":     {metadata.AppendToOutgoingContext(t.Context(), "x-correlation-id", "nonsense"), uuid.Nil},
		"the nil UUID": {metadata.AppendToOutgoingContext(t.Context(), "x-correlation-id", uuid.Nil.String()), uuid.Nil},
		"two":          {metadata.AppendToOutgoingContext(t.Context(), "x-correlation-id", own.String(), "x-correlation-id", uuid.NewString()), uuid.Nil},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := grpc_health_v1.NewHealthClient(conn).Check(tt.ctx, nil); err != nil {
				t.Fatal(err)
			}
			got := <-s.ids
			if isNew := got != uuid.Nil && got != own; got != tt.want && (tt.want != uuid.Nil || !isNew) {
				t.Errorf("the service has %s, want %s", got, tt.want)
			}
		})
	}
}
