package onnx

import (
	"context"
	"fmt"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/tools"
)

// yunetHeads are the four outputs of one stride, by the prefix of their names.
type yunetHeads struct{ cls, obj, bbox, kps []float32 }

// decodeYuNet reads the raw heads of YuNet: per stride S the outputs cls_S,
// obj_S [1, N, 1], bbox_S [1, N, 4] and kps_S [1, N, 10] over the cells of the
// grid, row by row. Score is the root of cls·obj; the five landmarks are right
// eye, left eye, nose, right and left mouth corner, as the person has them
// (Wu et al. 2023; modules/objdetect/src/face_detect.cpp of OpenCV).
func decodeYuNet(ctx context.Context, j *job) (tools.Response, error) {
	f, outs, err := j.whole(ctx)
	if err != nil {
		return tools.Response{}, err
	}
	var boxes []edit.Box
	for _, stride := range j.dec.Strides {
		cols, rows := f.netW/stride, f.netH/stride
		h, err := j.yunetHeads(outs, stride, cols*rows)
		if err != nil {
			return tools.Response{}, err
		}
		s := float64(stride)
		for i := range cols * rows {
			score := math.Sqrt(clamp01(h.cls[i]) * clamp01(h.obj[i]))
			if score < weakShare*j.dec.Score {
				continue
			}
			col, row := float64(i%cols), float64(i/cols)
			b := h.bbox[4*i : 4*i+4]
			box := centered((col+float64(b[0]))*s, (row+float64(b[1]))*s,
				math.Exp(float64(b[2]))*s, math.Exp(float64(b[3]))*s, j.className(0), score)
			for k := range 5 {
				box.Landmarks = append(box.Landmarks, edit.Point{
					X: (col + float64(h.kps[10*i+2*k])) * s, Y: (row + float64(h.kps[10*i+2*k+1])) * s,
				})
			}
			boxes = append(boxes, f.boxToPicture(box))
		}
	}
	return j.detections(boxes)
}

func (j *job) yunetHeads(outs []tensorData, stride, cells int) (h yunetHeads, err error) {
	for _, part := range []struct {
		prefix string
		width  int
		to     *[]float32
	}{{"cls", 1, &h.cls}, {"obj", 1, &h.obj}, {"bbox", 4, &h.bbox}, {"kps", 10, &h.kps}} {
		name := fmt.Sprintf("%s_%d", part.prefix, stride)
		for i, o := range j.outputs {
			if o.Name == name {
				*part.to = outs[i].f
			}
		}
		if len(*part.to) != cells*part.width {
			return h, fmt.Errorf("its output %q has %d values, want %d cells of %d; it has the outputs %v", name, len(*part.to), cells, part.width, j.outputs)
		}
	}
	return h, nil
}

func clamp01(v float32) float64 { return min(max(float64(v), 0), 1) }
