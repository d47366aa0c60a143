// Package breaking tells what those who read events lose from one catalog to
// the next. It imports emit/internal/catalog and what that imports.
package breaking
