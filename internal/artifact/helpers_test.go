package artifact

import (
	"pentimento/internal/icc"
	"pentimento/internal/pixel"
)

func curve() []float32 {
	c := make([]float32, 256)
	for i := range c {
		c[i] = pixel.ToLinearExact(float32(i) / 255)
	}
	return c
}

// p3Profile is a profile of Display P3.
func p3Profile() []byte {
	return icc.Build([3]float64{0.51512, 0.24120, -0.00105}, [3]float64{0.29198, 0.69225, 0.04189}, [3]float64{0.15710, 0.06657, 0.78407}, curve()...)
}

// grayProfile is a grey profile with a tone curve that is not sRGB's.
func grayProfile() []byte {
	c := curve()
	for i := range c {
		c[i] = float32(i) / 255 * float32(i) / 255
	}
	return icc.BuildGray(c...)
}
