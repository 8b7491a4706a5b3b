/** tfjs's WebAssembly runtime in Node as a target of `npm run conformance -- --backend tfjs-wasm`. */
import type { ConformanceRun, ConformanceTarget } from '../../../tooling/conformance.ts';
import { openInNode } from './lib/open-in-node.ts';

export default function target({ log }: ConformanceRun): Promise<ConformanceTarget> {
  return openInNode('wasm', log);
}
