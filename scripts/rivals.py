"""Runs image operations with Pillow, OpenCV and libvips for internal/bench/cmd/rivals.

Reads one JSON object a line, {"op": ..., "rival": ..., "args": {...}}, and answers
each with one: {"ms": ...} or {"absent": "why"}. Only for comparing: neither the
program nor its tests need it. Needs: pip install pillow numpy opencv-python-headless
pyvips pyvips-binary (each that is missing is reported as absent).
"""

import io
import json
import sys
import time


def pillow():
    from PIL import Image, features  # noqa: F401

    return Image


def cv():
    import cv2

    cv2.setNumThreads(2)
    return cv2


def vips():
    import pyvips

    return pyvips


now = time.perf_counter  # or process_time, which counts all threads


def clock(work):
    start = now()
    work()
    return 1000 * (now() - start)


def rgba(im):
    return im.convert("RGBA") if im.mode != "RGBA" else im


state = {}


def load(path, how):
    """The picture at path, decoded once by the library named."""
    key = (path, how)
    if key not in state:
        if how == "pillow":
            im = pillow().open(path).convert("RGB")
            im.load()
        elif how == "opencv":
            im = cv().imread(path, cv().IMREAD_COLOR)
        else:
            im = vips().Image.new_from_file(path).copy_memory()
        state[key] = im
    return state[key]


def data(path):
    if path not in state:
        with open(path, "rb") as f:
            state[path] = f.read()
    return state[path]


def decode(rival, path, **_):
    raw = data(path)
    if rival == "pillow":
        return clock(lambda: rgba(pillow().open(io.BytesIO(raw))).load())
    if rival == "opencv":
        import numpy as np

        buf = np.frombuffer(raw, np.uint8)
        return clock(lambda: cv().imdecode(buf, cv().IMREAD_COLOR))
    v = vips()
    return clock(lambda: v.Image.new_from_buffer(raw, "").write_to_memory())


def resize(rival, path, w, h, filter="lanczos", **_):
    im = load(path, rival)
    area = filter == "area"
    if rival == "pillow":
        kind = pillow().Resampling.BOX if area else pillow().Resampling.LANCZOS
        return clock(lambda: im.resize((w, h), kind))
    if rival == "opencv":
        if not area:
            raise ImportError("its Lanczos leaves out samples when a picture shrinks")
        return clock(lambda: cv().resize(im, (w, h), interpolation=cv().INTER_AREA))
    if area:
        return clock(lambda: im.reduce(im.width / w, im.height / h, kernel="linear").write_to_memory())
    return clock(lambda: im.resize(w / im.width, vscale=h / im.height, kernel="lanczos3").write_to_memory())


def thumbnail(rival, path, w, h, **_):
    raw = data(path)
    if rival == "pillow":

        def work():
            im = pillow().open(io.BytesIO(raw))
            im.draft("RGB", (2 * w, 2 * h))
            im.resize((w, h), pillow().Resampling.LANCZOS)

        return clock(work)
    if rival == "opencv":
        raise ImportError("decodes whole pictures only")
    v = vips()
    return clock(lambda: v.Image.thumbnail_buffer(raw, w, height=h, size="force").write_to_memory())


def encode(rival, path, format, quality=92, **_):
    im = load(path, rival)
    if rival == "pillow":
        if format == "png":
            return clock(lambda: im.save(io.BytesIO(), "PNG"))
        return clock(lambda: im.save(io.BytesIO(), "JPEG", quality=quality, subsampling=2))
    if rival == "opencv":
        if format == "png":
            return clock(lambda: cv().imencode(".png", im))
        return clock(lambda: cv().imencode(".jpg", im, [cv().IMWRITE_JPEG_QUALITY, quality]))
    if format == "png":
        return clock(lambda: im.pngsave_buffer())
    return clock(lambda: im.jpegsave_buffer(Q=quality, subsample_mode="on"))


def grabcut(rival, path, box, **_):
    if rival != "opencv":
        raise ImportError("has none")
    import numpy as np

    im = load(path, rival)
    x0, y0, x1, y1 = box

    def work():
        mask = np.zeros(im.shape[:2], np.uint8)
        bg, fg = np.zeros((1, 65)), np.zeros((1, 65))
        cv().grabCut(im, mask, (x0, y0, x1 - x0, y1 - y0), bg, fg, 5, cv().GC_INIT_WITH_RECT)

    return clock(work)


def inpaint(rival, path, box, how="INPAINT_TELEA", **_):
    if rival != "opencv":
        raise ImportError("has none")
    import numpy as np

    im = load(path, rival)
    mask = np.zeros(im.shape[:2], np.uint8)
    x0, y0, x1, y1 = box
    mask[y0:y1, x0:x1] = 255
    return clock(lambda: cv().inpaint(im, mask, 5, getattr(cv(), how)))


def inpaint_ns(rival, path, box, **_):
    return inpaint(rival, path, box, "INPAINT_NS")


def recolor(rival, path, box, **_):
    """The usual recipe: in Lab, the object's colour moved to the target's, lightness kept."""
    if rival != "opencv":
        raise ImportError("has none")
    import numpy as np

    im = load(path, rival)
    x0, y0, x1, y1 = box

    def work():
        lab = cv().cvtColor(im, cv().COLOR_BGR2LAB).astype(np.float32)
        part = lab[y0:y1, x0:x1]
        part[..., 1:] += np.float32((100, 120)) - part[..., 1:].mean((0, 1))
        cv().cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv().COLOR_LAB2BGR)

    return clock(work)


OPS = {f.__name__: f for f in (decode, resize, thumbnail, encode, grabcut, inpaint, inpaint_ns, recolor)}


def main():
    global now
    for line in sys.stdin:
        ask = json.loads(line)
        now = time.process_time if ask.get("cpu") else time.perf_counter
        try:
            answer = {"ms": OPS[ask["op"]](ask["rival"], **ask["args"])}
        except (ImportError, OSError) as e:
            answer = {"absent": str(e).splitlines()[0]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
