module github.com/omninode-ai/onexevents

go 1.26.0

tool github.com/omninode-ai/onexevents/cmd/onexevents

require (
	github.com/go-json-experiment/json v1.27.2
	github.com/google/uuid v1.6.0
	golang.org/x/tools v0.52.0
)

require (
	github.com/dave/jennifer v1.7.1 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
)
