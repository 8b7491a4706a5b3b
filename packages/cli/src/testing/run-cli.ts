/** Runs the command line as people do: in a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a run ended. */
export interface CliResult {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What a run is given. */
export interface CliRun {
  /** Standard input; empty by default. */
  readonly input?: Uint8Array;
  readonly cwd?: string;
  /** Path of the program, as seen from the sources. Default `bin.ts`. */
  readonly program?: string;
  /** Ctrl-C after so many milliseconds. */
  readonly interruptAfterMs?: number;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The `--weights` of tests. */
export const tinyWeights: readonly string[] = ['--weights', path('./tiny-weights.ts')];

/** Runs the sources with these arguments and waits for the end. */
export function runCli(args: readonly string[], options: CliRun = {}): Promise<CliResult> {
  const { input = new Uint8Array(0), cwd, program = 'bin.ts', interruptAfterMs } = options;
  const loader = new URL('../../../../scripts/lib/typescript.mjs', import.meta.url).href;
  const env = { ...process.env, TSX_TSCONFIG_PATH: path('../../../../tsconfig.json'), INIT_CWD: cwd };
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--import', loader, fileURLToPath(new URL(program, new URL('../', import.meta.url))), ...args],
      { cwd, env },
    );
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (status) =>
      resolve({ status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    );
    child.stdin.on('error', () => undefined); // A program that reads nothing closes its input.
    child.stdin.end(input);
    if (interruptAfterMs !== undefined) setTimeout(() => child.kill('SIGINT'), interruptAfterMs);
  });
}

/** Standard error without the lines that tell how far a batch is: on a busy machine there are some. */
export function withoutProgress(stderr: string): string {
  return stderr.replace(/^\w+ \d+\/\d+ .* images\/s.*\n/gm, '');
}
