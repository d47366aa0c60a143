package env

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// How long a server may take that gives out credentials, and how much it may say.
const (
	fetchTimeout = 10 * time.Second
	largestReply = 1 << 20
)

// client keeps no connection, and is not sent elsewhere with what it carries.
var client = &http.Client{
	Timeout:       fetchTimeout,
	Transport:     &http.Transport{Proxy: proxy, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// proxy is that of the process, but for what stays on this machine.
func proxy(req *http.Request) (*url.URL, error) {
	if isNear(req.URL.Hostname()) {
		return nil, nil
	}
	return http.ProxyFromEnvironment(req)
}

// refusal is an answer that is no success.
type refusal struct {
	status string
	body   []byte
}

func (r *refusal) Error() string { return "it answers " + r.status }

// fetch returns what a server answers. Its error does not have the address, which
// may hold a secret.
func fetch(req *http.Request) ([]byte, error) {
	answer, err := client.Do(req)
	if fault, ok := errors.AsType[*url.Error](err); ok {
		err = fault.Err
	}
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, largestReply+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > largestReply:
		return nil, fmt.Errorf("it answers more than %d bytes", largestReply)
	case answer.StatusCode != http.StatusOK:
		return nil, &refusal{encode.Cut(answer.Status, 100), body}
	}
	return body, nil
}

// fetched is something that a server gives out for some time.
type fetched[T any] struct {
	fetch func(context.Context) (value T, life time.Duration, err error)

	held    chan struct{} // one has it who reads or writes what follows
	value   T
	renewAt time.Time // from then on another one is fetched,
	until   time.Time // and until then this one does if there is none
}

func newFetched[T any](fetch func(context.Context) (T, time.Duration, error)) *fetched[T] {
	return &fetched[T]{fetch: fetch, held: make(chan struct{}, 1)}
}

// retryAfter is how long an old value is good enough when there is no new one.
const retryAfter = 5 * time.Second

// get returns the value. It is fetched again when four fifths of its life are over,
// so that what it lets in has some of it left.
func (f *fetched[T]) get(ctx context.Context) (value T, err error) {
	select {
	case f.held <- struct{}{}:
	case <-ctx.Done():
		return value, ctx.Err()
	}
	defer func() { <-f.held }()
	if time.Now().Before(f.renewAt) {
		return f.value, nil
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	value, life, err := f.fetch(ctx)
	now := time.Now()
	switch {
	case err == nil:
		f.value, f.renewAt, f.until = value, now.Add(life/5*4), now.Add(life)
	case now.Before(f.until):
		value, err, f.renewAt = f.value, nil, now.Add(retryAfter)
	}
	return value, err
}

// isLoopback tells whether what goes to a host stays on this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// isNear tells whether nothing leaves the machine on its way to a host: these are the
// agents that give containers of ECS and EKS their credentials.
func isNear(host string) bool {
	return isLoopback(host) || slices.Contains([]string{containerHost, "169.254.170.23", "fd00:ec2::23"}, host)
}

// containerHost is where containers get their credentials, if they are only told a
// path.
const containerHost = "169.254.170.2"
