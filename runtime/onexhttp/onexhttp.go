package onexhttp

import (
	"cmp"
	"context"
	"net/http"
	"net/textproto"

	"github.com/google/uuid"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// DefaultHeader is the header that has the correlation id where nobody says otherwise.
const DefaultHeader = "X-Correlation-ID"

// Config says how requests carry their correlation id. The zero value works.
type Config struct {
	// Header is the name of the header. Default [DefaultHeader].
	Header string
}

// Middleware is that of the zero [Config].
func Middleware(next http.Handler) http.Handler { return Config{}.Middleware(next) }

// RoundTripper is that of the zero [Config].
func RoundTripper(base http.RoundTripper) http.RoundTripper { return Config{}.RoundTripper(base) }

// Middleware returns a handler that calls next with the request's correlation id in
// its context, from where events take it. The id is the header's; else the trace id
// of the traceparent header; else a new one. A header that is not a UUID, is the nil
// UUID, or comes several times with different values, counts as none.
//
// The request that next gets has the id in its header too, in place of an invalid one,
// and so has the response, unless next sets another.
func (c Config) Middleware(next http.Handler) http.Handler {
	header := c.header()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := correlationOf(r.Header, header)
		text := id.String()
		w.Header().Set(header, text)
		next.ServeHTTP(w, with(r, onex.ContextWithCorrelation(r.Context(), id), header, text))
	})
}

// RoundTripper returns a transport that sends each request over base with the
// correlation id of the request's context in the header, in place of what is there. A
// request whose context has none it sends as it is. With a nil base it is
// [http.DefaultTransport].
func (c Config) RoundTripper(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return &transport{base: base, header: c.header()}
}

func (c Config) header() string {
	return textproto.CanonicalMIMEHeaderKey(cmp.Or(c.Header, DefaultHeader))
}

// with returns r with another context and the id in its header. It leaves r as it is,
// as handlers and transports have to.
func with(r *http.Request, ctx context.Context, header, id string) *http.Request {
	r = r.WithContext(ctx)
	if values := r.Header[header]; len(values) == 1 && values[0] == id {
		return r
	}
	r.Header = r.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(header, id)
	return r
}

type transport struct {
	base   http.RoundTripper
	header string
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if id, ok := onex.CorrelationFromContext(r.Context()); ok {
		r = with(r, r.Context(), t.header, id.String())
	}
	return t.base.RoundTrip(r)
}

// CloseIdleConnections is for [http.Client.CloseIdleConnections].
func (t *transport) CloseIdleConnections() {
	if base, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

func correlationOf(h http.Header, header string) uuid.UUID {
	if id, ok := only(h[header], parse); ok {
		return id
	}
	if id, ok := only(h["Traceparent"], traceID); ok {
		return id
	}
	return encode.NewID()
}

// only returns what all values say, if they say the same.
func only(values []string, parse func(string) (uuid.UUID, bool)) (id uuid.UUID, ok bool) {
	for i, v := range values {
		this, ok := parse(textproto.TrimString(v))
		if !ok || i > 0 && this != id {
			return uuid.Nil, false
		}
		id = this
	}
	return id, id != uuid.Nil
}

// parse reads a UUID in the form that everybody writes, with or without hyphens. The
// package uuid takes more.
func parse(text string) (id uuid.UUID, ok bool) {
	if len(text) != 36 && len(text) != 32 {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(text)
	return id, err == nil
}

// traceID reads the trace id of a traceparent:
//
//	00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
//
// A later version than 00 may have more behind that. Digits are lower case.
func traceID(text string) (id uuid.UUID, ok bool) {
	const length = 55
	switch {
	case len(text) < length, len(text) > length && (text[:2] == "00" || text[length] != '-'),
		text[2] != '-', text[35] != '-', text[52] != '-',
		!isHex(text[:2]), text[:2] == "ff", !isHex(text[3:35]), !isHex(text[36:52]), !isHex(text[53:55]),
		text[36:52] == "0000000000000000":
		return uuid.Nil, false
	}
	return parse(text[3:35])
}

func isHex(text string) bool {
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
