package config

import "testing"

func TestFind(t *testing.T) {
	for name, tc := range map[string]struct {
		env  map[string]string
		want Dirs
	}{
		"home alone": {
			env: map[string]string{"HOME": "/h"},
			want: Dirs{
				Data: "/h/.local/share/pentimento", Cache: "/h/.cache/pentimento", Config: "/h/.config/pentimento",
				Models: "/h/.local/share/pentimento/models", ToolDocs: "/h/.config/pentimento/tooldocs",
			},
		},
		"xdg before home, relative xdg ignored": {
			env: map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/x/data", "XDG_CACHE_HOME": "rel"},
			want: Dirs{
				Data: "/x/data/pentimento", Cache: "/h/.cache/pentimento", Config: "/h/.config/pentimento",
				Models: "/x/data/pentimento/models", ToolDocs: "/h/.config/pentimento/tooldocs",
			},
		},
		"own variables before all": {
			env: map[string]string{
				"HOME": "/h", "PENTIMENTO_DATA": "/d", "PENTIMENTO_CACHE": "/c", "PENTIMENTO_CONFIG": "/f",
				"PENTIMENTO_MODELS": "/m", "PENTIMENTO_TOOLDOCS": "/t",
			},
			want: Dirs{Data: "/d", Cache: "/c", Config: "/f", Models: "/m", ToolDocs: "/t"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Find(func(k string) string { return tc.env[k] })
			if err != nil || got != tc.want {
				t.Errorf("Find = %+v, %v; want %+v", got, err, tc.want)
			}
		})
	}
}

func TestCacheLimit(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "1000": 1000, "500MB": 500_000_000, "1.5 gb": 1_500_000_000, "2kB": 2000} {
		if got, err := CacheLimit(func(string) string { return text }); err != nil || got != want {
			t.Errorf("CacheLimit(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"much", "-5MB", "0", "NaN", "1e30GB", "5TB5"} {
		if got, err := CacheLimit(func(string) string { return text }); err == nil {
			t.Errorf("CacheLimit(%q) = %d, want an error", text, got)
		}
	}
}
