/** The same training step in PyTorch on the CPU, in a process of its own that takes a step for every line it is sent. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A training step of PyTorch's that waits to be taken. */
export interface TorchStep {
  /** With the library of its matrix products: Debian's package alone runs on the reference BLAS, which is slow. */
  readonly version: string;
  readonly layout: string;
  /** Takes one step. */
  readonly run: () => Promise<void>;
  readonly dispose: () => void;
}

const script = fileURLToPath(new URL('./train-step.py', import.meta.url));

/** What the script says first. */
type Greeting =
  | { readonly available: false }
  | { readonly available: true; readonly version: string; readonly blas: string };

/**
 * Starts the script with the first Python that has PyTorch: `VQKIT_PYTHON`, `python3`, or the system's own.
 *
 * @param layout  `nchw` or `nhwc`.
 * @returns undefined where PyTorch is not installed.
 */
export async function startTorch(
  layout: string,
  sizes: Readonly<Record<string, number>>,
): Promise<TorchStep | undefined> {
  const args = Object.entries({ ...sizes, layout }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  for (const python of [process.env.VQKIT_PYTHON, 'python3', '/usr/bin/python3']) {
    if (python === undefined) continue;
    const child = spawn(python, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    const isStarted = await once(child, 'spawn').then(
      () => true,
      () => false,
    );
    if (!isStarted) continue;
    const lines = linesOf(child);
    const greeting = JSON.parse(await lines()) as Greeting;
    if (!greeting.available) continue;
    const run = async (): Promise<void> => {
      child.stdin.write('\n');
      await lines();
    };
    const version = `${greeting.version} (BLAS ${greeting.blas})`;
    return { version, layout, run, dispose: () => child.stdin.end() };
  }
  return undefined;
}

/** Reads a process's output line by line. The reader throws when the process ends instead. */
function linesOf({ stdout }: ChildProcess): () => Promise<string> {
  const lines = createInterface({ input: stdout! })[Symbol.asyncIterator]();
  return async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error('train-step.py: expected a line, got the end of its output; see its messages above');
    return value;
  };
}
