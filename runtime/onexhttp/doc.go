// Package onexhttp carries correlation ids through net/http: from a request that comes
// in to the events of its handler, and on to the requests that the handler makes.
//
//	http.ListenAndServe(addr, onexhttp.Middleware(mux))
//	client := &http.Client{Transport: onexhttp.RoundTripper(nil)}
//
// The header is X-Correlation-ID; [Config] has another. A request without it is known
// by the trace id of its traceparent header (W3C Trace Context), and one with neither
// gets a new id. What is not a UUID is never taken over: everybody can send it.
//
// The package imports runtime, and nothing else beside the standard library and
// google/uuid.
package onexhttp
