package batch

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Where chooses among lines of JSON by what they have: an expression of
// expr-lang.org/docs/language-definition that is true or false. It is not for several
// goroutines.
type Where struct {
	expression string
	program    *vm.Program
	machine    vm.VM
	names      map[string]bool
}

// Limits of an expression.
const (
	maxExpression = 16 << 10
	memoryBudget  = 1 << 20 // values that it may make for one line
)

// NewWhere reads an expression about lines that have these members. Its errors are
// *WhereErrors.
func NewWhere(expression string, members Members) (*Where, error) {
	w := &Where{expression: expression, machine: vm.VM{MemoryBudget: memoryBudget}, names: map[string]bool{}}
	if strings.TrimSpace(expression) == "" || len(expression) > maxExpression {
		return nil, &WhereError{Expression: "", Detail: fmt.Sprintf("an expression has 1 to %d characters", maxExpression)}
	}
	program, err := expr.Compile(expression, expr.Env(members.environment()), expr.Patch(named{w.names}), expr.Patch(&nulls{}))
	if err != nil {
		return nil, w.explain(err, members)
	}
	w.program = program
	if kind := program.Node().Type(); kind != nil && kind.Kind() != reflect.Bool && kind.Kind() != reflect.Interface {
		return nil, w.noCondition(kind)
	}
	return w, nil
}

// Names tells whether the expression has one of the members in it.
func (w *Where) Names(members ...string) bool {
	return slices.ContainsFunc(members, func(m string) bool { return w.names[m] })
}

// Holds tells whether the expression is true of a line.
func (w *Where) Holds(line Line) (bool, error) {
	result, err := w.machine.Run(w.program, map[string]any(line))
	if err != nil {
		return false, w.explain(err, nil)
	}
	if result == nil {
		return false, nil // a member that is null, where others have true or false
	}
	holds, ok := result.(bool)
	if !ok {
		return false, w.noCondition(reflect.TypeOf(result))
	}
	return holds, nil
}

// WhereError is what is wrong with an expression.
type WhereError struct {
	Expression string
	Column     int    // from 1; 0 for the expression as a whole
	Detail     string // a phrase
}

func (e *WhereError) Error() string {
	if e.Column == 0 {
		return e.Detail
	}
	return fmt.Sprintf("%s, at character %d of %s", e.Detail, e.Column, e.Expression)
}

func (w *Where) noCondition(kind reflect.Type) error {
	return &WhereError{Expression: w.expression, Detail: fmt.Sprintf("%s is %s, and neither true nor false: a condition is asked for, such as answer contains \"dog\"", w.expression, typeName(kind))}
}

func typeName(kind reflect.Type) string {
	switch kind.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map:
		return "an object"
	case reflect.Int, reflect.Float64:
		return "a number"
	}
	return "a " + kind.String()
}

// explain makes an error of the library's one for people.
func (w *Where) explain(err error, members Members) error {
	e := &WhereError{Expression: w.expression, Detail: err.Error()}
	if at, ok := errors.AsType[*file.Error](err); ok {
		e.Detail = at.Message
		e.Column = at.Column + 1
		for range at.Line - 1 { // lines are joined
			e.Column += 1 + strings.IndexByte(w.expression[e.Column-1:], '\n')
		}
	}
	if name, unknown := strings.CutPrefix(e.Detail, "unknown name "); unknown {
		const most = 50
		names := slices.Sorted(maps.Keys(members))
		if len(names) > most {
			names = append(names[:most], "…")
		}
		e.Detail = "there is no member " + name + "; there are " + strings.Join(names, ", ")
	}
	e.Detail = inWords().Replace(e.Detail)
	return e
}

// inWords has words for Go's types.
func inWords() *strings.Replacer {
	return strings.NewReplacer("float64", "number", "<nil>", "null", "map[string]interface {}", "object", "[]interface {}", "list", "interface {}", "value")
}

// named notes which members an expression has in it.
type named struct{ names map[string]bool }

// Visit hears of a node.
func (n named) Visit(node *ast.Node) {
	if id, ok := (*node).(*ast.IdentifierNode); ok {
		n.names[id.Value] = true
	}
}

// nulls has members that are null be what people expect, where the library ends with an
// error: comparisons with one are false, it differs from every value, and its own members
// are null.
type nulls struct{ count int }

// Visit puts another node in the place of one that fails.
func (v *nulls) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if n.Value == "null" { // as JSON has it
			ast.Patch(node, &ast.NilNode{})
		}
	case *ast.MemberNode:
		if !n.Optional && !n.Method {
			n.Optional = true
			ast.Patch(node, &ast.ChainNode{Node: n})
		}
	case *ast.BinaryNode:
		v.compare(node, n)
	}
}

// compare puts another comparison in the place of one.
func (v *nulls) compare(node *ast.Node, b *ast.BinaryNode) {
	switch b.Operator {
	case "<", ">", "<=", ">=", "contains", "startsWith", "endsWith", "matches", "==", "!=":
	default:
		return
	}
	if isNil(b.Left) || isNil(b.Right) {
		return // it asks for null
	}
	compared := &ast.BinaryNode{Operator: b.Operator, Left: b.Left, Right: b.Right}
	compared.SetLocation(b.Location())
	var bound []*ast.VariableDeclaratorNode
	var null, both ast.Node
	for _, side := range []*ast.Node{&compared.Left, &compared.Right} {
		if constant(*side) {
			both = &ast.BoolNode{} // it is never null
			continue
		}
		v.count++
		name := fmt.Sprintf("__%d", v.count)
		bound = append(bound, &ast.VariableDeclaratorNode{Name: name, Value: *side})
		*side = &ast.IdentifierNode{Value: name}
		is := &ast.BinaryNode{Operator: "==", Left: *side, Right: &ast.NilNode{}}
		null, both = join("||", null, is), join("&&", both, is)
	}
	if null == nil {
		return
	}
	var otherwise ast.Node
	switch b.Operator {
	case "==":
		otherwise = both
	case "!=":
		otherwise = &ast.UnaryNode{Operator: "not", Node: both}
	default:
		otherwise = &ast.BoolNode{}
	}
	var whole ast.Node = &ast.ConditionalNode{Cond: null, Exp1: otherwise, Exp2: compared}
	for _, b := range slices.Backward(bound) {
		b.Expr = whole
		whole = b
	}
	ast.Patch(node, whole)
}

// join joins what may not be there.
func join(operator string, left, right ast.Node) ast.Node {
	if left == nil {
		return right
	}
	return &ast.BinaryNode{Operator: operator, Left: left, Right: right}
}

func isNil(node ast.Node) bool { _, ok := node.(*ast.NilNode); return ok }

// constant tells whether a node is a value as it is written.
func constant(node ast.Node) bool {
	switch node.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return true
	}
	return false
}
