/** The reference backend as a target of `npm run conformance -- --backend cpu`. */

import type { ConformanceTarget } from '../../../tooling/conformance.ts';
import { cpu } from '../src/index.ts';

export default function target(): ConformanceTarget {
  return { createBackend: () => cpu() };
}
