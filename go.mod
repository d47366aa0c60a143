module github.com/omninode-ai/onexevents

go 1.26

tool github.com/omninode-ai/onexevents/cmd/onexevents

require (
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/google/uuid v1.6.0 // indirect
)
