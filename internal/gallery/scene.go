package gallery

// SceneEdits are edits of the example scene, which needs no photograph of anybody's.
func SceneEdits(picture string) []Edit {
	requests := []string{
		"recolor the red car to teal, then remove the yellow bench",
		"remove the red car",
		"make the yellow bench darker",
		"blur everything except the red car",
		"expand the image to 16:9",
	}
	edits := make([]Edit, len(requests))
	for i, r := range requests {
		edits[i] = Edit{Image: picture, Request: r}
	}
	return edits
}
