/** Section 4.1 of `docs/bitstream.md` for the second decoder: parity packets. */
import { type Bytes, Cursor } from './document-bytes.ts';

/** a · b modulo x⁸ + x⁴ + x³ + x² + 1. */
function times(a: number, b: number): number {
  let product = 0;
  for (let i = 7; i >= 0; i--) {
    product = (product * 2) ^ (product > 127 ? 0x11d : 0);
    if ((b >> i) & 1) product ^= a;
  }
  return product;
}

const inverse = (a: number): number => Array.from({ length: 256 }, (_, b) => b).find((b) => times(a, b) === 1)!;

/** Adds the lost packets among the ids 0 … k − 1 to `found`, where the parity packets from id n + 1 on are enough. */
export function restoreByTheBook(found: Map<number, Bytes>, k: number, n: number, m: number): void {
  const lost = Array.from({ length: k }, (_, i) => i).filter((i) => !found.has(i));
  const rows = Array.from({ length: m }, (_, j) => j).filter((j) => found.has(n + 1 + j));
  if (lost.length === 0 || rows.length < lost.length) return;
  const S = found.get(n + 1 + rows[0]!)!.length;
  const C = (j: number, i: number): number => inverse((k + j) ^ i);
  const block = (data: Bytes): number[] => {
    const length = data.length < 128 ? [data.length] : [(data.length % 128) + 128, data.length >> 7];
    return [...length, ...data, ...new Array<number>(S).fill(0)].slice(0, S);
  };
  const equations = rows.slice(0, lost.length).map((j) => {
    const right = [...found.get(n + 1 + j)!];
    for (let i = 0; i < k; i++) {
      if (!found.has(i)) continue;
      const factor = C(j, i);
      block(found.get(i)!).forEach((byte, at) => {
        right[at] = right[at]! ^ times(factor, byte);
      });
    }
    return [...lost.map((i) => C(j, i)), ...right];
  });
  lost.forEach((_, i) => {
    const pivot = inverse(equations[i]![i]!);
    equations[i] = equations[i]!.map((value) => times(value, pivot));
    equations.forEach((other, j) => {
      const factor = other[i]!;
      if (j !== i) equations[j] = other.map((value, at) => value ^ times(factor, equations[i]![at]!));
    });
  });
  lost.forEach((id, i) => {
    const c = new Cursor(equations[i]!.slice(lost.length));
    const length = c.varint();
    found.set(id, c.list(length, c.u8));
  });
}
