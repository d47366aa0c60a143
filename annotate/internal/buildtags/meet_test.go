package buildtags

import "testing"

func TestMeet(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"", "linux", true},
		{"linux", "linux", true},
		{"integration", "!integration", false},
		{"linux", "windows", false},
		{"linux", "windows || darwin", false},
		{"linux", "unix", true},
		{"linux", "android", true},
		{"windows", "unix", false},
		{"!windows", "!linux", true},
		{"!unix", "!windows", true},
		{"arm64", "amd64", false},
		{"linux && arm64", "integration", true},
		{"a && b", "!a || !b", false},
		{"a(", "b", true},
	} {
		if got, again := Meet(tt.a, tt.b), Meet(tt.b, tt.a); got != tt.want || again != tt.want {
			t.Errorf("%q and %q meet: %v and %v, want %v", tt.a, tt.b, got, again, tt.want)
		}
	}
}
