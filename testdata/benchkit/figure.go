package benchkit

import (
	"fmt"
	"slices"
)

// Figure is "1.24 (1.23–1.30)": the median of the results, and from where to
// where they go. unit says by the median what they are multiplied with, and what
// stands behind it. Without results it is "".
func Figure(results []float64, unit func(median float64) (factor float64, suffix string)) string {
	if len(results) == 0 {
		return ""
	}
	slices.Sort(results)
	n := len(results)
	median := (results[(n-1)/2] + results[n/2]) / 2
	factor, suffix := unit(median)
	return fmt.Sprintf("%s%s (%s–%s)", digits(median*factor), suffix, digits(results[0]*factor), digits(results[n-1]*factor))
}

// digits writes v with three significant digits, or with all in front of the
// point; a small whole number is most likely a count.
func digits(v float64) string {
	switch {
	case v == float64(int(v)) && v < 10:
		return fmt.Sprintf("%d", int(v))
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.0f", v)
	}
}
