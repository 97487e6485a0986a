#!/usr/bin/env python3
"""Fills NN-image.png under NN-mask.png with OpenCV's two inpainting methods.

Called by `go run ./internal/bench/cmd/fill --rivals scripts/fill_rivals.py`;
needs opencv-python. Nothing else in the repository uses Python.
"""
import glob
import sys

import cv2

RADIUS = 5  # OpenCV's samples use 3 to 5

for path in sorted(glob.glob(sys.argv[1] + "/*-image.png")):
    stem = path[: -len("image.png")]
    image = cv2.imread(path)
    mask = cv2.imread(stem + "mask.png", cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(stem + "telea.png", cv2.inpaint(image, mask, RADIUS, cv2.INPAINT_TELEA))
    cv2.imwrite(stem + "ns.png", cv2.inpaint(image, mask, RADIUS, cv2.INPAINT_NS))
