"""The plain loop that one would write in Python, for internal/bench/cmd/loops.

Reads one JSON object: {"model", "divide", "threads", "quality", "files": [[in, out], ...]};
decodes each picture with OpenCV, runs the model over it with ONNX Runtime and encodes the
result. Prints one JSON object: versions and the seconds of each part. Only for comparing:
neither the program nor its tests need it. Needs: pip install onnxruntime opencv-python-headless
"""

import json
import sys
import time

import cv2
import numpy as np
import onnxruntime as ort

now = time.perf_counter
job = json.load(sys.stdin)
start = now()
cv2.setNumThreads(job["threads"])
options = ort.SessionOptions()
options.intra_op_num_threads = job["threads"]
session = ort.InferenceSession(job["model"], options, providers=["CPUExecutionProvider"])
port = session.get_inputs()[0].name
answer = session.get_outputs()[-1].name
parts = {"load": now() - start, "decode": 0.0, "prepare": 0.0, "infer": 0.0, "apply": 0.0, "encode": 0.0}
quality = [cv2.IMWRITE_JPEG_QUALITY, job["quality"], cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
begun = now()
for source, target in job["files"]:
    t0 = now()
    picture = cv2.imread(source, cv2.IMREAD_COLOR)
    t1 = now()
    # Swaps the channels, divides and makes planes of them, in one pass of OpenCV's own.
    tensor = cv2.dnn.blobFromImage(picture, 1 / job["divide"], swapRB=True)
    t2 = now()
    out = session.run([answer], {port: tensor})[0][0]
    t3 = now()
    planes = [cv2.convertScaleAbs(np.maximum(p, 0), alpha=job["divide"]) for p in out]
    result = cv2.merge(planes[::-1])
    t4 = now()
    if not cv2.imwrite(target, result, quality):
        sys.exit("cannot write " + target)
    t5 = now()
    for name, seconds in zip(("decode", "prepare", "infer", "apply", "encode"), (t1 - t0, t2 - t1, t3 - t2, t4 - t3, t5 - t4)):
        parts[name] += seconds
json.dump({"versions": f"onnxruntime {ort.__version__}, OpenCV {cv2.__version__}, Python {sys.version.split()[0]}", "seconds": now() - begun, "parts": parts}, sys.stdout)
