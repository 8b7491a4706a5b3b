/** What the golden files have in common with the test and the script that makes them. */
import { createHash } from 'node:crypto';

/** One entry of `fixtures/golden.json`. */
export interface GoldenFile {
  /** Name of the file in `fixtures`. */
  readonly file: string;
  /** SHA-256 of the file: golden files never change. */
  readonly fileHash: string;
  /** SHA-256 of the indices of all planes, one after the other, as u32 low byte first. */
  readonly indicesHash: string;
  /** The same of the alpha plane. */
  readonly alphaHash?: string | undefined;
}

/** SHA-256 of numbers as u32, low byte first. */
export function hashLists(lists: readonly ArrayLike<number>[]): string {
  const hash = createHash('sha256');
  for (const list of lists) {
    const view = new DataView(new ArrayBuffer(list.length * 4));
    for (let i = 0; i < list.length; i++) view.setUint32(i * 4, list[i]!, true);
    hash.update(new Uint8Array(view.buffer));
  }
  return hash.digest('hex');
}
