/** Sections 7 and 8 of `docs/bitstream.md` for the second decoder: priors and the mixing model. */
import { type Bytes, Cursor, type Range } from './document-bytes.ts';

/** A plane of a prior file, in the letters of the page. */
export interface DocumentPrior {
  order: number[] | undefined;
  f: number[];
  taps: number[][];
  contexts: { nodeBits: number; parts: number[][] }[];
  limit: number;
  r: number;
  weights: number[];
  counters: number[];
  network:
    | {
        E: number;
        H: number;
        s: number[];
        codes: number[][];
        A: number[];
        a: number[];
        B: number[];
        b: number[];
        N: number[];
        n: number[];
      }
    | undefined;
}

const depth = (K: number): number => {
  let d = 0;
  while (2 ** d < K) d++;
  return d;
};
const clamp = (x: number, a: number, b: number): number => Math.max(a, Math.min(b, x));

const S = [
  32768, 36843, 40793, 44511, 47911, 50941, 53581, 55834, 57724, 59287, 60565, 61598, 62428, 63090, 63615, 64030, 64357,
  64614, 64816, 64974, 65097, 65194, 65269, 65328, 65374, 65410, 65438, 65459, 65476, 65489, 65500, 65508, 65514,
];

function squash(x: number): number {
  if (x < 0) return 65536 - squash(-x);
  if (x === 2048) return S[32]!;
  const i = x >> 6;
  return S[i]! + (((S[i + 1]! - S[i]!) * (x % 64)) >> 6);
}

const stretchTable = Array.from({ length: 4096 }, (_, i) => {
  let x = -2047;
  while (x < 2047 && squash(x) < 16 * i + 8) x++;
  return x;
});
const classOf = (m: number): number => [1, 2, 3, 5, 9, 20, 60].filter((start) => start <= m).length;

/** What plane p starts from without a prior. */
export function defaults(sizes: number[], p: number): DocumentPrior {
  const own = [
    [-1, 0],
    [0, -1],
    [-1, -1],
    [1, -1],
    [-2, 0],
    [0, -2],
    [1, -2],
    [2, -1],
    [-1, -2],
    [-2, -1],
  ];
  const taps = own.map(([dx, dy]) => [p, dx!, dy!]);
  for (let q = Math.max(0, p - 4); q < p; q++) taps.push([q, 0, 0]);
  const lists = [
    [[0, 6]],
    [[1, 6]],
    [
      [0, 3],
      [1, 3],
    ],
    ...taps.slice(10).map((_, i) => [[10 + i, 6]]),
  ];
  const contexts = lists.map((parts) => ({ nodeBits: 8, parts }));
  const start = [0, 6554, 9830, 13107, 16384, 19661, 22938, 26214];
  const level = [
    ...Array.from({ length: contexts.length + 3 }, () => start),
    new Array(8).fill(0),
    new Array(8).fill(0),
  ].flat();
  const weights = Array.from({ length: depth(sizes[p]!) }, () => level).flat();
  return { order: undefined, f: [], taps, contexts, limit: 250, r: 14, weights, counters: [], network: undefined };
}

/** Reads a prior file. */
export function readPrior(bytes: Bytes): DocumentPrior[] {
  const c = new Cursor(bytes, 4);
  const K = c.list(c.varint(), c.varint);
  return K.map((size) => {
    const flags = c.u8();
    const order = flags & 1 ? c.list(size, c.u16) : undefined;
    const f = c.list(size, c.u16).map((v) => v + 1);
    if (!(flags & 2))
      return { order, f, taps: [], contexts: [], limit: 0, r: 0, weights: [], counters: [], network: undefined };
    const D = depth(size);
    const taps = Array.from({ length: c.u8() }, () => [c.u8(), c.i8(), c.i8()]);
    const contexts = Array.from({ length: c.u8() }, () => {
      return { nodeBits: c.u8(), parts: Array.from({ length: c.u8() }, () => [c.u8(), c.u8()]) };
    });
    const [limit, r] = [c.u8(), c.u8()];
    const weights = c.list(D * (contexts.length + 5) * 8, c.i16).map((w) => w * 16);
    const states = contexts.map(({ nodeBits, parts }) => {
      const values = parts.map(([tap, bits]) => 2 ** Math.min(bits!, depth(K[taps[tap!]![0]!]!)) + 1);
      return values.reduce((n, v) => n * v, 2 ** Math.min(nodeBits, D));
    });
    const counters = c.list(2 ** D + 162 * D + states.reduce((a, b) => a + b, 0), c.u8);
    if (!(flags & 4)) return { order, f, taps, contexts, limit, r, weights, counters, network: undefined };
    const [E, H] = [c.u8(), c.u8()];
    const s = c.list(3, c.u8);
    const codes: number[][] = [];
    for (const [plane] of taps) codes[plane!] ??= c.list((K[plane!]! + 1) * E, c.i8);
    const A = c.list(taps.length * E * H, c.i16);
    const a = c.list(H, c.i16);
    const B = c.list(H * H, c.i16);
    const b = c.list(H, c.i16);
    const N = c.list(2 ** D * H, c.i8);
    return {
      order,
      f,
      taps,
      contexts,
      limit,
      r,
      weights,
      counters,
      network: { E, H, s, codes, A, a, B, b, N, n: c.list(2 ** D, c.i16) },
    };
  });
}

function logits({ network, taps }: DocumentPrior, t: number[], sizes: number[]): (node: number) => number {
  if (!network) return () => 0;
  const { E, H, s, codes, A, a, B, b, N, n } = network;
  const sum = (count: number, term: (i: number) => number): number =>
    Array.from({ length: count }, (_, i) => term(i)).reduce((x, y) => x + y, 0);
  const h1 = a.map((bias, j) => {
    const raw =
      bias +
      sum(taps.length, (i) => {
        const plane = taps[i]![0]!;
        const row = t[i]! < 0 ? sizes[plane]! : t[i]!;
        return sum(E, (e) => codes[plane]![row * E + e]! * A[(i * E + e) * H + j]!) >> s[0]!;
      });
    return raw < 0 ? Math.max(raw >> 3, -4095) : Math.min(raw, 4095);
  });
  const h2 = b.map((bias, j) => clamp((sum(H, (i) => h1[i]! * B[i * H + j]!) >> s[1]!) + bias, -511, 511));
  return (node) => clamp((sum(H, (j) => h2[j]! * N[node * H + j]!) >> s[2]!) + n[node]!, -2047, 2047);
}

/** Section 7 for one plane of one packet. */
export function mixing(prior: DocumentPrior, sizes: number[], p: number) {
  const { taps, contexts, limit, r, network } = prior;
  const [K, D, V] = [sizes[p]!, depth(sizes[p]!), contexts.length + 5];
  const w = [...prior.weights];
  const q = prior.counters.map((v) => squash(64 * (v & 63) - 2048));
  const m = prior.counters.map((v) => v >> 6);
  return (range: Range, t: number[]): number => {
    const logit = logits(prior, t, sizes);
    let base = 2 ** D + 162 * D;
    const bases = contexts.map(({ nodeBits, parts }) => {
      let [c, values] = [0, 1];
      for (const [tap, bits] of parts) {
        const d = depth(sizes[taps[tap!]![0]!]!);
        const b = Math.min(bits!, d);
        c = c * (2 ** b + 1) + (t[tap!]! < 0 ? 2 ** b : t[tap!]! >> (d - b));
        values *= 2 ** b + 1;
      }
      base += values * 2 ** Math.min(nodeBits, D);
      return base - (values - c) * 2 ** Math.min(nodeBits, D);
    });
    let node = 1;
    for (let level = 0; level < D; level++) {
      if ((2 * node + 1) * 2 ** (D - level - 1) - 2 ** D >= K) {
        node *= 2;
        continue;
      }
      const own = taps.flatMap(([plane], i) => (plane === p ? [t[i]!] : [])).slice(0, 8);
      const o = own.map((leaf) =>
        leaf === -1 || (leaf + 2 ** D) >> (D - level) !== node ? 0 : 1 + ((leaf >> (D - level - 1)) & 1),
      );
      const near = o.slice(0, 4).reduce((x, y) => x * 3 + y, 0);
      const [zeros, ones] = [1, 2].map((kind) => o.filter((x) => x === kind).length);
      const slots = [node, 2 ** D + level * 81 + near, 2 ** D + 81 * D + level * 81 + zeros! * 9 + ones!];
      contexts.forEach(({ nodeBits }, j) => slots.push(level < Math.min(nodeBits, D) ? bases[j]! + node : -1));
      const x = slots
        .map((slot) => (slot < 0 ? 0 : stretchTable[(q[slot] ?? 32768) >> 4]!))
        .concat(256, network ? logit(node) : 0);
      const k = Array.from(
        { length: V },
        (_, v) => (level * V + v) * 8 + ((slots[v] ?? -1) < 0 ? 0 : classOf(m[slots[v]!] ?? 0)),
      );
      const s = x.reduce((total, value, v) => total + ((w[k[v]!]! * value) >> 10), 0);
      const probability = clamp(squash(clamp(s >> 6, -2047, 2047)), 32, 65504);
      const bit = range.bit(probability);
      const e = bit * 65536 - probability;
      x.forEach((value, v) => {
        if (value !== 0) w[k[v]!] = clamp(w[k[v]!]! + ((value * e + 2 ** (r - 1)) >> r), -524287, 524287);
      });
      for (const slot of slots.filter((number) => number >= 0)) {
        const [old, count] = [q[slot] ?? 32768, m[slot] ?? 0];
        q[slot] = old + (((bit * 65535 - old) * Math.floor(65536 / (2 * count + 3))) >> 15);
        m[slot] = Math.min(count + 1, limit);
      }
      node = 2 * node + bit;
    }
    return node - 2 ** D;
  };
}
