package topics

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/catalog"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// settingsFile is the file that the flag -settings names.
type settingsFile struct {
	shapeFile
	DeadLetters   shapeFile `json:"dead_letters"`
	NoDeadLetters bool      `json:"no_dead_letters"`
	Overwrite     bool      `json:"overwrite"`
	Topics        []struct {
		Match string `json:"match"`
		shapeFile
	} `json:"topics"`
}

// shapeFile is what it says of topics.
type shapeFile struct {
	Partitions        int               `json:"partitions"`
	ReplicationFactor int               `json:"replication_factor"`
	Retention         retention         `json:"retention"`
	CleanupPolicy     string            `json:"cleanup_policy"`
	Configs           map[string]string `json:"configs"`
}

func (s shapeFile) shape() onex.TopicShape {
	return onex.TopicShape{
		Partitions: s.Partitions, ReplicationFactor: s.ReplicationFactor, Retention: time.Duration(s.Retention),
		CleanupPolicy: s.CleanupPolicy, Configs: s.Configs,
	}
}

// readSettings reads the file, and says of a mistake where it stands.
func readSettings(file string) (onex.TopicSettings, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return onex.TopicSettings{}, fmt.Errorf("read the settings: %w", err)
	}
	text = catalog.WithoutMark(text)
	var f settingsFile
	if err := json.Unmarshal(text, &f, json.RejectUnknownMembers(true)); err != nil {
		if errors.Is(err, json.ErrUnknownName) {
			return onex.TopicSettings{}, fmt.Errorf("%w; onexctl topics -h lists what there is", catalog.Placed(file, text, err))
		}
		return onex.TopicSettings{}, catalog.Placed(file, text, err)
	}
	settings := onex.TopicSettings{
		Events: f.shape(), DeadLetters: f.DeadLetters.shape(), NoDeadLetters: f.NoDeadLetters, Overwrite: f.Overwrite,
	}
	for _, o := range f.Topics {
		settings.Overrides = append(settings.Overrides, onex.TopicOverride{Match: o.Match, TopicShape: o.shape()})
	}
	return settings, nil
}

// retention is a time: 7d, 36h, or forever.
type retention time.Duration

// UnmarshalText is for package json, and Set and String are for package flag.
func (r *retention) UnmarshalText(text []byte) error { return r.Set(string(text)) }

func (r *retention) Set(text string) error {
	if text == "forever" {
		*r = retention(onex.RetainForever)
		return nil
	}
	const day = 24 * time.Hour
	d, err := time.ParseDuration(text)
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(n) * day
		if int64(n) > (1<<63-1)/int64(day) {
			err = strconv.ErrRange
		}
	}
	if err != nil || d < time.Millisecond {
		return fmt.Errorf("%q is no time to keep events for; write 7d, 36h or forever", text)
	}
	*r = retention(d)
	return nil
}

func (r *retention) String() string { return time.Duration(*r).String() }
