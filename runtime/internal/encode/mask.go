package encode

import "github.com/omninode-ai/onexevents/runtime/internal/mask"

// Masked stands in place of a secret.
const Masked = mask.Hidden

// Mask replaces what looks like a secret by Masked.
func Mask(s string) string { return mask.Secrets(s) }
