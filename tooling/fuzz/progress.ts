/**
 * Where the child is, in a small file that the parent looks at: what it sends would not arrive when it dies, and sending
 * twice a case would take longer than most cases.
 */
import { openSync, readSync, writeSync } from 'node:fs';
import { type CaseKind, caseKinds } from './limits.ts';

/** The case that is running, and how many of each kind were begun. */
export interface Progress {
  readonly kind: CaseKind;
  readonly index: number;
  readonly begun: Record<CaseKind, number>;
}

const length = 1 + caseKinds.length;

/** Opens the file for the child. Each call says that the next case of a kind begins. */
export function progressWriter(file: string, begun: Record<CaseKind, number>): (kind: CaseKind) => number {
  const descriptor = openSync(file, 'r+');
  const numbers = new Uint32Array(length);
  return (kind) => {
    const index = begun[kind]++;
    numbers.set([caseKinds.indexOf(kind), ...caseKinds.map((name) => begun[name])]);
    writeSync(descriptor, numbers, 0, numbers.byteLength, 0);
    return index;
  };
}

/** Opens the file for the parent, and empties it. Each call says where the child is; nowhere before its first case. */
export function progressReader(file: string): () => Progress | undefined {
  const descriptor = openSync(file, 'w+');
  return () => {
    const numbers = new Uint32Array(length);
    if (readSync(descriptor, numbers, 0, numbers.byteLength, 0) < numbers.byteLength) return undefined;
    const [at, ...counts] = numbers;
    const begun = Object.fromEntries(caseKinds.map((name, i) => [name, counts[i]!])) as Progress['begun'];
    const kind = caseKinds[at!]!;
    return { kind, index: begun[kind] - 1, begun };
  };
}
