package tooldoc

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/tooldocs"
)

func shippedList(t *testing.T, file string) *edit.Labels {
	t.Helper()
	src, err := shippedLabels(file)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ParseLabels(file, src)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestShippedLists(t *testing.T) {
	counts := map[string]int{"coco-80.txt": 80, "voc-21.txt": 21, "imagenet-1000.txt": 1000, "face.txt": 1}
	for file, want := range counts {
		if l := shippedList(t, file); len(l.Names) != want {
			t.Errorf("%s: %d classes, want %d", file, len(l.Names), want)
		}
	}
	for file, ends := range map[string][2]string{
		"coco-80.txt": {"person", "toothbrush"}, "voc-21.txt": {"background", "tvmonitor"}, "imagenet-1000.txt": {"tench", "toilet tissue"},
	} {
		l := shippedList(t, file)
		if l.Names[0] != ends[0] || l.Names[len(l.Names)-1] != ends[1] {
			t.Errorf("%s runs from %q to %q", file, l.Names[0], l.Names[len(l.Names)-1])
		}
	}
}

func TestShippedWordsReachTheirClass(t *testing.T) {
	for file, words := range map[string]map[string]string{
		"coco-80.txt": {
			"dog": "dog", "puppies": "dog", "plane": "airplane", "aeroplane": "airplane", "lorry": "truck", "pickup truck": "truck",
			"macaw": "bird", "parrots": "bird", "people": "person", "woman": "person", "sofa": "couch", "kayaks": "boat",
			"television": "tv", "table": "dining table", "phone": "cell phone", "doughnut": "donut", "sports car": "car",
			"raft": "", "inflatable raft": "", "giraffe": "giraffe", "sky": "", "wall": "", "hat": "", "tree trunk": "", "crane": "",
		},
		"voc-21.txt": {
			"airplane": "aeroplane", "truck": "car", "van": "car", "pickup": "car", "couch": "sofa", "tv": "tvmonitor",
			"dining table": "diningtable", "motorcycle": "motorbike", "potted plant": "pottedplant", "elephant": "", "raft": "",
		},
		"imagenet-1000.txt": {"crane bird": "crane bird", "crane": "crane", "cardigan": "cardigan"},
	} {
		l := shippedList(t, file)
		for word, want := range words {
			class, ok := l.Find(edit.ParsePhrase("the " + word).Head)
			got := ""
			if ok {
				got = l.Names[class]
			}
			if got != want {
				t.Errorf("%s: %q means %q, want %q", file, word, got, want)
			}
		}
	}
	for _, file := range []string{"coco-80.txt", "voc-21.txt"} {
		if class, ok := shippedList(t, file).Find("object"); !ok || class != -1 {
			t.Errorf("%s: object means class %d, %v; want all", file, class, ok)
		}
	}
}

func TestShippedCharset(t *testing.T) {
	src, err := tooldocs.FS.ReadFile("labels/ppocr-en.txt")
	if err != nil {
		t.Fatal(err)
	}
	chars, err := ParseCharset("ppocr-en.txt", src)
	if err != nil {
		t.Fatal(err)
	}
	sorted := slices.Clone(chars)
	slices.Sort(sorted)
	if len(slices.Compact(sorted)) != 95 || chars[0] != "0" || chars[74] != "z" || chars[94] != " " {
		t.Errorf("%d characters, from %q to %q", len(chars), chars[0], chars[len(chars)-1])
	}
}

func TestParseLabels(t *testing.T) {
	l, err := ParseLabels("x.txt", []byte("# classes\n*: thing, object\n\ncat: kitten, house cat # pets\r\ndog:\nbird\n"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(l.Names, " ") != "cat dog bird" || strings.Join(l.Any, " ") != "thing object" || strings.Join(l.Synonyms["cat"], ",") != "kitten,house cat" {
		t.Errorf("read as %+v", l)
	}
	for src, want := range map[string]string{
		"":                                   "holds no class",
		"# nothing\n":                        "holds no class",
		"*: thing\n":                         "holds no class",
		"cat\ndog\ncat\n":                    `line 3: the class "cat" is empty or given twice`,
		": x\n":                              `line 1: the class "" is empty or given twice`,
		"cat: pet\ndog: pet\n":               `line 2: "pet" stands for both "cat" (line 1) and "dog"`,
		"cat: dog\ndog\n":                    `line 1: "dog" is a class of its own and a word for "cat"`,
		"cat: Kitten\n":                      `line 1: "Kitten": want lower-case words`,
		"cat: a,, b\n":                       `line 1: "": want lower-case words`,
		"cat: kit\u200bten\n":                "line 1: holds a zero-width character U+200B",
		"cat\xff\n":                          "line 1: is not valid UTF-8",
		strings.Repeat("x", MaxLabelBytes+1): "at most 1048576 are read",
	} {
		_, err := ParseLabels("x.txt", []byte(src))
		var p *Problems
		if !errors.As(err, &p) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", src, err, want)
		}
	}
}

func TestParseCharset(t *testing.T) {
	chars, err := ParseCharset("x.txt", []byte("a\n#\nß\n \n"))
	if err != nil || strings.Join(chars, "|") != "a|#|ß| " {
		t.Errorf("read as %q, %v", chars, err)
	}
	for src, want := range map[string]string{
		"":             "holds no character",
		"a\n\nb\n":     "line 2: want one character per line",
		"a\nabcdefg\n": "line 2: want one character per line",
	} {
		if _, err := ParseCharset("x.txt", []byte(src)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", src, err, want)
		}
	}
}
