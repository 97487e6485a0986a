// The plain loop that one would write for Node, for internal/bench/cmd/loops: as loop.py, with
// sharp and onnxruntime-node. Only for comparing. Needs: npm install onnxruntime-node sharp
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// The packages lie where the command was told to look for them.
const require = createRequire(join(process.env.NODE_MODULES ?? "node_modules", "x.js"));
const ort = require("onnxruntime-node");
const sharp = require("sharp");

const now = () => performance.now() / 1000;
const job = JSON.parse(readFileSync(0, "utf8"));
let t = now();
sharp.concurrency(job.threads);
sharp.cache(false);
const session = await ort.InferenceSession.create(job.model, { intraOpNumThreads: job.threads, executionProviders: ["cpu"] });
const [port, answer] = [session.inputNames[0], session.outputNames.at(-1)];
const parts = { load: now() - t, decode: 0, prepare: 0, infer: 0, apply: 0, encode: 0 };
const begun = now();
for (const [source, target] of job.files) {
  const t0 = now();
  const { data, info } = await sharp(source).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const t1 = now();
  const n = info.width * info.height;
  const tensor = new Float32Array(3 * n);
  const scale = 1 / job.divide;
  for (let i = 0, j = 0; i < n; i++, j += 3) {
    tensor[i] = data[j] * scale;
    tensor[n + i] = data[j + 1] * scale;
    tensor[2 * n + i] = data[j + 2] * scale;
  }
  const t2 = now();
  const result = await session.run({ [port]: new ort.Tensor("float32", tensor, [1, 3, info.height, info.width]) }, [answer]);
  const t3 = now();
  const planes = result[answer].data;
  const out = new Uint8ClampedArray(3 * n); // rounds and clamps
  for (let i = 0, j = 0; i < n; i++, j += 3) {
    out[j] = planes[i] * job.divide;
    out[j + 1] = planes[n + i] * job.divide;
    out[j + 2] = planes[2 * n + i] * job.divide;
  }
  const t4 = now();
  await sharp(out, { raw: { width: info.width, height: info.height, channels: 3 } })
    .jpeg({ quality: job.quality, chromaSubsampling: "4:2:0", optimiseCoding: false })
    .toFile(target);
  const t5 = now();
  parts.decode += t1 - t0;
  parts.prepare += t2 - t1;
  parts.infer += t3 - t2;
  parts.apply += t4 - t3;
  parts.encode += t5 - t4;
}
const versions = `onnxruntime-node ${ort.env.versions.node}, sharp ${sharp.versions.sharp}, Node ${process.versions.node}`;
console.log(JSON.stringify({ versions, seconds: now() - begun, parts }));
