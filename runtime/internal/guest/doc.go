// Package guest runs what a program gives a publisher: callbacks, hooks, and the
// methods of its types. They may panic, never return, say what is not so, and call
// the publisher that calls them; none of that may reach anybody else.
//
// It imports the standard library only.
package guest
