package planner

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/tooldoc"
	"pentimento/tooldocs"
)

// grammarWords are words of the docs' phrases that are also English grammar,
// units or the picture itself: light verbs, degrees, sides. Nothing that names
// a task or an object may be added here.
var grammarWords = strings.Fields(`make show turn change give get have need like want put add into with what where this that does from like more less most
	left right top bottom upper lower high higher increase decrease reduce raise boost wide width height depth size times time degrees percent pixels
	image picture photo photograph shot object color colour colors colours tint paint shade black white light dark look looks good well very much there
	half side edge resolution large larger small smaller big bigger words around apply again down super place away double edit lighter darker vivid warm cool saturated before soft plain except only keep everything whole entire
	mask outline shrink expand enlarge soften which using tone create produce number going addition name read say says does have has gone set should when many feel take result written taken here tell say find determine whether shows report they edges border borders feels sounds shown explain happy grow wider triple quadruple zoom its generate compute provide according based deep across render round back save located depicted blurred`) // the last line: mask algebra, the engine's own and no tool's

func shippedSpecs(t testing.TB) []edit.ToolSpec {
	t.Helper()
	set, errs := tooldoc.Load(tooldocs.FS)
	for _, err := range errs {
		t.Error(err)
	}
	return set.All()
}

func TestNoVocabularyInCode(t *testing.T) {
	specs := append(testSpecs(), shippedSpecs(t)...)
	banned := map[string]string{}
	for _, s := range specs {
		banned[s.Name] = "a tool"
		for _, c := range s.Tasks {
			banned[c.Task] = "a task type"
			for _, w := range c.Words {
				for _, k := range keys(w) {
					if len(k) > 3 {
						banned[k] = "a word for " + c.Task
					}
				}
			}
		}
		for _, a := range s.Accepts {
			for _, n := range labelNames(a.Labels) {
				banned[strings.ToLower(n)] = "a label"
			}
		}
	}
	for _, dir := range []string{".", "../astar"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files (%v)", dir, err)
		}
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") {
				checkLiterals(t, f, banned)
			}
		}
	}
}

func checkLiterals(t *testing.T, file string, banned map[string]string) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fset := gotoken.NewFileSet()
	tree, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if _, is := n.(*ast.ImportSpec); is {
			return false
		}
		lit, is := n.(*ast.BasicLit)
		if !is || lit.Kind != gotoken.STRING {
			return true
		}
		s, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		words := []string{strings.ToLower(s)}
		if filepath.Base(file) == "words.go" {
			words = append(keys(s), strings.Fields(s)...)
		}
		for _, w := range words { // elsewhere a sentence is a message, one word is a comparison
			if what, is := banned[w]; is && !slices.Contains(grammarWords, w) && len(w) > 3 {
				t.Errorf("%s: %q is %s; its words belong in the docs", fset.Position(lit.Pos()), w, what)
			}
		}
		return true
	})
}
