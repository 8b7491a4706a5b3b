/** TensorFlow on CUDA as a target of `npm run conformance -- --backend tfjs-node-gpu`; skipped where it is not installed. */
import type { ConformanceRun, ConformanceTarget } from '../../../tooling/conformance.ts';
import { tfjsNodeGpu } from '../src/index.ts';
import { openNative } from './lib/native.ts';

export default function target({ log }: ConformanceRun): Promise<ConformanceTarget> {
  return openNative('@tensorflow/tfjs-node-gpu', tfjsNodeGpu, log);
}
