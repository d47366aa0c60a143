package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"

	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/runtime/onexhttp"
)

const maxBody = 1 << 20 // bytes

// stamps is the service that stamps documents.
func stamps(s *stamping.Stamper, log *slog.Logger) http.Handler {
	return onexhttp.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var doc stamping.Document
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&doc); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		stamp, err := s.Stamp(r.Context(), doc)
		if err != nil {
			log.WarnContext(r.Context(), "not stamped", "error", err)
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		log.InfoContext(r.Context(), "stamped", "document", stamp.DocumentID)
		_ = json.NewEncoder(w).Encode(stamp) // who asked may have gone
	}))
}

// gateway is the service that the public talks to. It asks the other one.
func gateway(stampsURL string, log *slog.Logger) http.Handler {
	client := &http.Client{Transport: onexhttp.RoundTripper(nil)}
	return onexhttp.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		log.InfoContext(r.Context(), "a document has come")
		ask, err := http.NewRequestWithContext(r.Context(), http.MethodPost, stampsURL, http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer, err := client.Do(ask)
		if err != nil {
			log.ErrorContext(r.Context(), "no answer", "error", err)
			http.Error(w, "the stamper does not answer", http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}))
}
