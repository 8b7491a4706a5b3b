/** Runs the command line in this process, which is faster than a child. */
import { vi } from 'vitest';
import { main } from '../program.ts';

/** Runs with standard output and error caught. */
export async function runHere(
  args: readonly string[],
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const text = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation(((chunk: string | Uint8Array, ...rest: unknown[]) => {
      text[name] += chunk;
      const done = rest.at(-1);
      if (typeof done === 'function') done();
      return true;
    }) as typeof process.stdout.write),
  );
  try {
    return { status: await main(args), ...text };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
