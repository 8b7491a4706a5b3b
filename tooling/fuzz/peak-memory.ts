/** The most memory that this process has had since a moment: Linux forgets the peak when it is told to, elsewhere it only ever rises. */
import { openSync, writeSync } from 'node:fs';

const clear = openClear();

function openClear(): number | undefined {
  try {
    return openSync('/proc/self/clear_refs', 'w');
  } catch {
    return undefined;
  }
}

/** Forgets the peak. @see man 5 proc, `/proc/pid/clear_refs`: 5 resets the peak resident set size */
export function forgetPeak(): void {
  if (clear !== undefined) writeSync(clear, '5');
}

/** The peak since it was forgotten, in MB. */
export function peakMb(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** What the process has now, in MB. */
export function residentMb(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}
