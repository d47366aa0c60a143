package annotate

import (
	"go/token"
	"go/types"

	"github.com/omninode-ai/onexevents/annotate/internal/buildtags"
)

// Package is one Go package: what its files say of the nodes in it.
type Package struct {
	Path  string  // import path
	Dir   string  // absolute
	Nodes []*Node // in order of file name and position

	// Generated holds the absolute names of the files in Dir that the
	// generator itself has written, as [Config.Generated] knows them.
	Generated []string

	// Faulty says that something is wrong in this package, so that Nodes may
	// lack some that its source means to have. Those that it has are whole.
	Faulty bool
}

// Node is a struct type with a directive.
type Node struct {
	Package      string // the name in the package clause of its file
	Name         string
	TypeParams   []TypeParam
	File         string         // absolute name of the source file
	Pos          token.Position // of the struct's name
	DirectivePos token.Position // of the first line of its directive

	// Doc is the struct's comment without its directives.
	Doc string

	// Exceptions are what the struct's comment says may be taken from those
	// who read its events.
	Exceptions []Exception

	// Constraint is the //go:build expression under which the file is
	// compiled, the one in its name included; "" if it always is.
	Constraint string

	// Variant says that the package has a struct of this name under other
	// constraints too, in another file.
	Variant bool

	// Declared is what the package of the file declares, the node itself
	// included, apart from what was generated. Nodes share it.
	Declared []Declaration
	index    *index // of Declared; nil if the node was built in Go

	Type    string // "effect", "compute", "reducer" or "orchestrator"
	Service string
	NoState bool // state=false: the node has no state event
	State   Type // of its states; the zero Type means string
	// StateNeedsString says that State is a type of the package that is no
	// string, so that it has to have a method String.
	StateNeedsString bool
	NoMetric         bool // metric=false: the node has no metric event
	Operations       []Operation

	ServicePos token.Position // of the service's name in the directive
}

// TypeParam is a type parameter of a generic struct.
type TypeParam struct {
	Name       string // may be "_"
	Constraint Type
}

// Operation is one operation of a node.
type Operation struct {
	Name    string         // snake_case
	Version int            // of its events, from 2; 0 for the first
	Input   *Type          // nil if the operation takes none
	Result  *Type          // nil if the operation has none
	Pos     token.Position // of the name in the directive
}

// Type is a Go type as the node's file spells it.
type Type struct {
	Source  string   // "*api.Request"
	Imports []Import // what the qualifiers in Source refer to, in order of first use
}

// Import is one package that a type refers to.
type Import struct {
	Name string // the qualifier in the node's file
	Path string
}

// Declaration is one name that a package declares, or that one of its files
// imports.
type Declaration struct {
	Name       string
	Kind       string         // "type", "func", "var", "const", "method" or "import"
	Recv       string         // the receiver's type, if it is a method
	Path       string         // of an import
	Constraint string         // of the file; "" if it is always compiled
	Pos        token.Position // of the name

	// Of a type: how many type parameters it has, whether it is an interface
	// that only a constraint can be, the name that it is declared to be, if it
	// is one, and whether what it is stands in another package.
	TypeParams   int
	IsConstraint bool
	Underlying   string
	IsOpaque     bool

	// Of a type too: what it is declared to be, or its fields if it is a struct.
	IsAlias  bool
	IsStruct bool
	Type     Type    // if it is no struct
	Fields   []Field // if it is one
}

// Field is a field of a struct. An embedded one has the name of its type.
type Field struct {
	Name     string
	Type     Type
	Embedded bool
	JSON     string // what its tag says to encoding/json
	HasJSON  bool
}

// Exception is a line //onex:except of a struct's comment.
type Exception struct {
	Rule string // that it takes the node out of
	Why  string
	Pos  token.Position // of the rule
}

// MeetsNode tells whether the declaration and the node can be compiled together.
func (d Declaration) MeetsNode(n *Node) bool { return buildtags.Meet(d.Constraint, n.Constraint) }

// IsPredeclared tells the names that Go itself declares.
func IsPredeclared(name string) bool { return types.Universe.Lookup(name) != nil }

// Untyped is what an operation takes and returns where the directive does not
// say: the reference's dict[str, Any].
var Untyped = Type{Source: "map[string]any"}
