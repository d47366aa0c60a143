package main

import (
	"context"
	"log"
	"sync"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// printer is an exporter that keeps spans, in place of one that sends them somewhere.
type printer struct {
	mu    sync.Mutex
	spans []sdktrace.ReadOnlySpan
}

func (p *printer) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spans = append(p.spans, spans...)
	return nil
}

func (p *printer) Shutdown(context.Context) error { return nil }

// print prints each trace as a tree.
func (p *printer) print(out *log.Logger) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.printBelow(out, trace.SpanID{}, "")
}

func (p *printer) printBelow(out *log.Logger, parent trace.SpanID, indent string) {
	for _, s := range p.spans {
		if s.Parent().SpanID() == parent {
			out.Printf("%s%s (%s)", indent, s.Name(), s.SpanKind())
			p.printBelow(out, s.SpanContext().SpanID(), indent+"  ")
		}
	}
}
