/** The same training step in PyTorch on the CPU, in a process of its own; undefined where PyTorch is not installed. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What `train-step.py` prints. */
export interface TorchResult {
  readonly available: boolean;
  readonly version: string;
  readonly layout: string;
  readonly medianMs: number;
  readonly timesMs: readonly number[];
}

const script = fileURLToPath(new URL('./train-step.py', import.meta.url));

/** Runs the script with the first Python that has PyTorch: `VQKIT_PYTHON`, `python3`, or the system's own. */
export async function timeTorch(sizes: Readonly<Record<string, number>>): Promise<TorchResult | undefined> {
  const args = Object.entries(sizes).flatMap(([name, value]) => [`--${name}`, String(value)]);
  for (const python of [process.env.VQKIT_PYTHON, 'python3', '/usr/bin/python3']) {
    if (python === undefined) continue;
    try {
      const { stdout } = await promisify(execFile)(python, [script, ...args]);
      const result = JSON.parse(stdout) as TorchResult;
      if (result.available) return result;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
    }
  }
  return undefined;
}
