/**
 * A second decoder, written from `docs/bitstream.md` alone and sharing no code with the first: the proof that the page is
 * complete. It favours likeness to the page over speed and care: it trusts its input.
 */

import { type Bytes, Cursor, check, crc, Range } from './document-bytes.ts';
import { defaults, mixing, readPrior } from './document-mixing.ts';
import { restoreByTheBook } from './document-parity.ts';

function table(f: number[], isAdaptive: boolean) {
  return (range: Range): number => {
    const T = f.reduce((x, y) => x + y, 0);
    const target = range.part(T);
    let [v, F] = [0, 0];
    while (F + f[v]! <= target) F += f[v++]!;
    range.consume(F, f[v]!, T);
    if (isAdaptive) f[v]! += 4;
    if (isAdaptive && T + 4 > 65536) f.forEach((count, i) => f.fill(Math.floor((count + 1) / 2), i, i + 1));
    return v;
  };
}

/**
 * Decodes the indices of a file.
 *
 * @param priorFile  The bytes of the prior that the file names.
 * @returns One list per plane; −1 at lost positions; `undefined` when the file is damaged as a whole.
 */
export function decodeByTheBook(file: Uint8Array, priorFile?: Uint8Array): number[][] | undefined {
  const c = new Cursor(file, 4);
  const flags = c.varint();
  c.at += flags & 4 ? 8 : 4;
  const size = [c.varint(), c.varint()];
  const layout = c.u8();
  const [mode, s] = [layout & 7, layout >> 3];
  const [gw, gh] = s === 15 ? [c.varint(), c.varint()] : size.map((side) => Math.ceil(side / 2 ** s));
  const sizes = c.list(flags & 16 ? c.varint() : 1, c.varint);
  if (flags & 8) c.u16();
  const [n, step] = flags & 1 ? [c.varint(), c.varint()] : [1, 0];
  const [BX, BY] = flags & 128 && n > 1 ? [c.varint(), c.varint()] : [1, 1];
  const owner =
    flags & 128 ? blockOwner(n, step, [gw!, BX!], [gh!, BY!]) : (x: number, y: number) => (x + step * y) % n;
  let m = 0;
  if (flags & 32) {
    for (let type = c.varint(); type !== 0; type = c.varint()) {
      const content = new Cursor(c.list(c.varint(), c.u8));
      if (type === 6) m = content.varint();
    }
  }
  const k = flags & 64 ? n + 1 : n;
  const isKnown = (id: number): boolean => id < k || (id > n && id <= n + m);
  const search = flags & 128 ? findShortFrames(m > 0 ? n + m : k - 1, k) : findMarkedFrames;
  const found = findPackets(file, c.at, (flags & 1) === 1 ? search : undefined, isKnown);
  if (!found) return undefined;
  restoreByTheBook(found, k, n, m);
  const packets = [...found].filter(([id]) => id < n);
  const priors = priorFile && flags & 8 ? readPrior(priorFile) : sizes.map((_, p) => defaults(sizes, p));
  const leaves = sizes.map(() => new Array<number>(gw! * gh!).fill(-1));
  for (const [id, data] of packets) {
    const range = new Range(data);
    const models = sizes.map((K, p) => {
      if (mode === 0) return () => range.uniform(K);
      if (mode === 3) return mixing(priors[p]!, sizes, p);
      return table(mode === 1 ? priors[p]!.f : new Array<number>(K).fill(1), mode === 2);
    });
    for (let y = 0; y < gh!; y++) {
      for (let x = 0; x < gw!; x++) {
        if (owner(x, y) !== id) continue;
        models.forEach((model, p) => {
          const t = priors[p]!.taps.map(([plane, dx, dy]) => {
            const a = (-dy! * step) % n;
            const column = flags & 128 ? x + dx! : x + n * dx! + (2 * a > n ? a - n : a);
            const isInside = column >= 0 && column < gw! && y + dy! >= 0;
            return isInside && owner(column, y + dy!) === id ? leaves[plane!]![(y + dy!) * gw! + column]! : -1;
          });
          leaves[p]![y * gw! + x] = model(range, t);
        });
      }
    }
    if (flags & 128 && range.at > data.length + 4) {
      const isLost = (i: number): boolean => owner(i % gw!, Math.floor(i / gw!)) === id;
      for (const [p, list] of leaves.entries()) leaves[p] = list.map((leaf, i) => (isLost(i) ? -1 : leaf));
    }
  }
  return leaves.map((list, p) => {
    const order = mode === 3 ? priors[p]!.order : undefined;
    return order ? list.map((leaf) => (leaf < 0 ? -1 : order.indexOf(leaf))) : list;
  });
}

/** Section 4 for blocks: the packet of a position. */
function blockOwner(n: number, step: number, [W, BX]: number[], [H, BY]: number[]) {
  const blockOf = (v: number, side: number, count: number): number => {
    let block = 0;
    while (Math.floor(((block + 1) * side) / count) <= v) block++;
    return block;
  };
  return (x: number, y: number): number => {
    const i = blockOf(y, H!, BY!) * BX! + blockOf(x, W!, BX!);
    return (i + step * Math.floor(i / n)) % n;
  };
}

/** Finds frames behind the header, given the header's checksum. */
type Search = (
  file: Uint8Array,
  at: number,
  headerCheck: number[],
  isKnown: (id: number) => boolean,
) => Map<number, Bytes>;

const isCheck = (data: Bytes, at: number, wanted: number[]): boolean =>
  wanted.every((byte, i) => data[at + i] === byte);

function findPackets(
  file: Uint8Array,
  headerEnd: number,
  search: Search | undefined,
  isKnown: (id: number) => boolean,
): Map<number, Bytes> | undefined {
  if (!search) {
    const end = file.length - (file.length <= 4091 ? 2 : 4);
    return isCheck(file, end, check(file.subarray(0, end))) ? new Map([[0, file.subarray(headerEnd, end)]]) : undefined;
  }
  const headerCheck = check(file.subarray(0, headerEnd));
  if (!isCheck(file, headerEnd, headerCheck)) return undefined;
  return search(file, headerEnd + headerCheck.length, headerCheck, isKnown);
}

/** A frame that is well formed and ends within the file. */
interface Frame {
  readonly id: number;
  readonly data: Bytes;
  readonly end: number;
  readonly isIntact: boolean;
}

/** Section 4. */
function findShortFrames(lastId: number, k: number): Search {
  return (file, start, headerCheck, isKnown) => {
    const bits = lastId.toString(2).length * (lastId > 0 ? 1 : 0);
    const frameAt = (at: number): Frame | undefined => {
      const isMarked = file[at] === 0xb7 && file[at + 1]! > 127;
      const c = new Cursor(file, isMarked ? at + 1 : at);
      const length = strictVarint(c);
      if (Number.isNaN(length) || length > 1023 !== isMarked) return undefined;
      const T = Math.ceil(bits / 8) + (length <= 127 ? 1 : length <= 4095 ? 2 : 3);
      const numbers = [...file.subarray(at, c.at)];
      const tag = c.list(T, c.u8).reduceRight((sum, byte) => sum * 256 + byte, 0);
      const end = c.at + length;
      if (end > file.length) return undefined;
      const id = tag % 2 ** bits;
      const data = file.subarray(c.at, end);
      const value = crc([...headerCheck, ...numbers, id % 256, Math.floor(id / 256), ...data], 0x04c11db7, 32);
      return { id, data, end, isIntact: isKnown(id) && value % 2 ** (8 * T - bits) === Math.floor(tag / 2 ** bits) };
    };
    const lead = (from: number): number | undefined => {
      let at = from;
      for (; at < file.length; at = frameAt(at)!.end) {
        if (frameAt(at)?.isIntact) return at;
        if (!frameAt(at)) return undefined;
      }
      return at;
    };
    const taken: Frame[] = [];
    let noted: Frame[] = [];
    let behind = true;
    for (let at = start; at < file.length; ) {
      const frame = frameAt(at);
      if (frame?.isIntact && (behind || frame.data.length > 127 || lead(frame.end) !== undefined)) {
        taken.push(frame);
        noted = noted.filter(({ end }) => end <= at);
        [at, behind] = [frame.end, true];
      } else if (behind && lead(at) !== undefined) at = lead(at)!;
      else {
        if (frame?.isIntact && noted.every(({ end }) => end <= at)) noted.push(frame);
        [at, behind] = [at + 1, false];
      }
    }
    const isEnough = new Set(taken.map(({ id }) => id)).size >= k;
    // Of several with one id the last one stays in a map.
    return new Map([...taken, ...(isEnough ? [] : noted)].reverse().map(({ id, data }) => [id, data]));
  };
}

/** Section 4.2. */
function findMarkedFrames(
  file: Uint8Array,
  start: number,
  headerCheck: number[],
  isKnown: (id: number) => boolean,
): Map<number, Bytes> {
  const found = new Map<number, Bytes>();
  let at = start;
  while (at < file.length) {
    if (file[at] !== 0xb7) {
      at++;
      continue;
    }
    const c = new Cursor(file, at + 1);
    const [id, length] = [strictVarint(c), strictVarint(c)];
    const end = c.at + length;
    if (Number.isNaN(end)) {
      at++;
      continue;
    }
    const size = end - at <= 4089 ? 2 : 4;
    const protectedBytes = [...headerCheck, ...file.subarray(at, end)];
    const value = size === 2 ? crc(protectedBytes, 0x1021, 16) : crc(protectedBytes, 0x04c11db7, 32);
    const wanted = Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) % 256);
    if (!isCheck(file, end, wanted)) {
      at++;
      continue;
    }
    if (isKnown(id) && !found.has(id)) found.set(id, file.subarray(c.at, end));
    at = end + size;
  }
  return found;
}

/** A varint, or NaN where the bytes spell none (section 1). */
function strictVarint(c: Cursor): number {
  const start = c.at;
  const value = c.varint();
  const last = c.bytes[c.at - 1];
  return last === undefined || (last === 0 && c.at > start + 1) || value >= 2 ** 32 ? Number.NaN : value;
}
