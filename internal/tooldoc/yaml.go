package tooldoc

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// parseYAML turns the front matter into a syntax tree. Depth and alias limits
// are checked on the tokens, before the recursive parser runs. It returns nil after reporting.
func parseYAML(c *collector, front string) (root ast.Node) {
	defer func() {
		// The parser is third-party code fed with hostile text.
		if r := recover(); r != nil {
			c.add(frontMatterLine, "", "the YAML cannot be read: %v", r)
			root = nil
		}
	}()
	tokens := lexer.Tokenize(front)
	if !checkTokens(c, tokens) {
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var ye yaml.Error
		if errors.As(err, &ye) && ye.GetToken() != nil {
			c.add(fileLine(ye.GetToken()), "", "YAML: %s", ye.GetMessage())
		} else {
			c.add(frontMatterLine, "", "YAML: %v", err)
		}
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		c.add(1, "", "the front matter is empty")
		return nil
	}
	return file.Docs[0].Body
}

func fileLine(t *token.Token) int {
	if t == nil || t.Position == nil {
		return frontMatterLine
	}
	return t.Position.Line + frontMatterLine - 1
}

// checkTokens refuses what a doc has no use for (anchors, aliases, merges, tags,
// directives, complex keys, further documents) and nesting deeper than MaxDepth.
func checkTokens(c *collector, tokens token.Tokens) bool {
	ok := true
	refuse := func(t *token.Token, what string) {
		if ok {
			c.add(fileLine(t), "", "%s", what)
		}
		ok = false
	}
	var columns []int // of the open block collections, rising
	flow := 0
	for _, t := range tokens {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			refuse(t, "holds a YAML anchor, alias or merge key; write the value out (or put the text in quotes)")
		case token.TagType, token.DirectiveType, token.MappingKeyType:
			refuse(t, fmt.Sprintf("holds %q, YAML that tool docs do not use (put the text in quotes)", strings.TrimSpace(t.Value)))
		case token.DocumentHeaderType, token.DocumentEndType:
			refuse(t, "holds a second YAML document")
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow = max(0, flow-1)
		case token.SequenceEntryType, token.MappingValueType:
			if flow > 0 {
				continue
			}
			columns = openAt(columns, t)
		default:
		}
		if flow+len(columns) > MaxDepth+1 {
			refuse(t, fmt.Sprintf("is nested deeper than %d levels", MaxDepth))
			return false
		}
	}
	return ok
}

// openAt keeps the columns of the block collections that are open at t. A
// mapping opens at the column of its key, the token before the colon.
func openAt(columns []int, t *token.Token) []int {
	at := t
	if t.Type == token.MappingValueType && t.Prev != nil {
		at = t.Prev
	}
	if at.Position == nil {
		return columns
	}
	col := at.Position.Column
	for len(columns) > 0 && columns[len(columns)-1] >= col {
		columns = columns[:len(columns)-1]
	}
	return append(columns, col)
}
