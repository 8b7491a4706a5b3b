/** TensorFlow on the CPU as a target of `npm run conformance -- --backend tfjs-node`; skipped where it is not installed. */
import type { ConformanceRun, ConformanceTarget } from '../../../tooling/conformance.ts';
import { tfjsNode } from '../src/index.ts';
import { openNative } from './lib/native.ts';

export default function target({ log }: ConformanceRun): Promise<ConformanceTarget> {
  return openNative('@tensorflow/tfjs-node', tfjsNode, log);
}
