package scene_test

import (
	"testing"

	"pentimento/internal/scene"
)

func BenchmarkRender(b *testing.B) {
	for b.Loop() {
		scene.Render(scene.DefaultWidth, scene.DefaultHeight, 1)
	}
}
