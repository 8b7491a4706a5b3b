/**
 * The integer network of a prior: predicts every decision of an index from the indices around it.
 *
 * taps → code vectors → linear → leaky clamp → linear → clamp → one dot product per decision
 *
 * It is a neural probabilistic language model (Bengio et al. 2003) over a causal neighbourhood with the hierarchical
 * softmax of Morin and Bengio 2005, in integers: int8 code vectors and decision vectors, int16 weights, int32 sums and
 * shifts, so that every engine computes the same bits. The first layer is a sum of table rows, one row per tap, which
 * are worked out once when the prior is loaded.
 */

/** The stored form of a network. Activations are in 1/256. */
export interface NetworkWeights {
  /** Numbers per code vector. */
  readonly embedding: number;
  /** Numbers per hidden layer. */
  readonly hidden: number;
  /** Source plane of every list in `codes`, in the order in which the taps first name them. */
  readonly sources: readonly number[];
  /** Per source: int8 `[K + 1, embedding]`; the last row stands for a tap outside the picture. */
  readonly codes: readonly Int8Array[];
  /** int16 `[taps, embedding, hidden]`. */
  readonly first: Int16Array;
  /** int16 `[hidden]`, 1/256. */
  readonly firstBias: Int16Array;
  /** int16 `[hidden, hidden]`, from row to column. */
  readonly second: Int16Array;
  /** int16 `[hidden]`, 1/256. */
  readonly secondBias: Int16Array;
  /** int8 `[2^depth, hidden]`: one vector per node of the tree; row 0 is not used. */
  readonly nodes: Int8Array;
  /** int16 `[2^depth]`, 1/256. */
  readonly nodeBias: Int16Array;
  /** Right shifts behind the three products. */
  readonly shifts: readonly [number, number, number];
}

/** Largest magnitude in the first hidden layer, 1/256. */
const firstLimit = 4095;

/** Largest magnitude in the second hidden layer, 1/256. */
const secondLimit = 511;

/** Rows of the second layer that are multiplied at once, so that sums are loaded and stored a quarter as often. */
const group = 4;

/** A network made ready: `prepare` reads the taps, `logit` answers for one decision. */
export class Network {
  readonly #weights: NetworkWeights;
  /** Per tap: int32 `[K + 1, hidden]`. */
  readonly #rows: readonly Int32Array[];
  /** The second layer, its rows filled up with zeros to whole groups. */
  readonly #second: Int16Array;
  /** Multiplications for an index of so many decisions. */
  readonly cost: (decisions: number) => number;
  readonly #one: Int32Array;
  readonly #two: Int32Array;

  /**
   * @param weights  Checked weights.
   * @param tapPlanes  The plane of every tap.
   */
  constructor(weights: NetworkWeights, tapPlanes: readonly number[]) {
    this.#weights = weights;
    this.#rows = tapPlanes.map((plane, tap) => tapTable(weights, weights.codes[weights.sources.indexOf(plane)]!, tap));
    const { hidden } = weights;
    this.cost = (decisions) => (tapPlanes.length + hidden + decisions) * hidden;
    const padded = Math.ceil(hidden / group) * group;
    this.#second = new Int16Array(padded * hidden);
    this.#second.set(weights.second);
    this.#one = new Int32Array(padded);
    this.#two = new Int32Array(hidden);
  }

  /** Computes the hidden layers from the leaves at the taps; −1 is a tap outside the picture. */
  prepare(taps: Int32Array): void {
    const { hidden, firstBias, secondBias, shifts } = this.#weights;
    const second = this.#second;
    const one = this.#one;
    const two = this.#two;
    for (let j = 0; j < hidden; j++) one[j] = firstBias[j]!;
    for (let t = 0; t < this.#rows.length; t++) {
      const rows = this.#rows[t]!;
      const at = taps[t]! < 0 ? rows.length - hidden : taps[t]! * hidden;
      for (let j = 0; j < hidden; j++) one[j]! += rows[at + j]!;
    }
    for (let i = 0; i < hidden; i++) {
      const value = one[i]!;
      one[i] = value < 0 ? Math.max(value >> 3, -firstLimit) : Math.min(value, firstLimit);
    }
    two.fill(0);
    for (let i = 0; i < hidden; i += group) {
      const [a, b, c, d] = [one[i]!, one[i + 1]!, one[i + 2]!, one[i + 3]!];
      const at = i * hidden;
      for (let j = 0; j < hidden; j++) {
        const w = at + j;
        const ab = Math.imul(a, second[w]!) + Math.imul(b, second[w + hidden]!);
        two[j]! += ab + Math.imul(c, second[w + 2 * hidden]!) + Math.imul(d, second[w + 3 * hidden]!);
      }
    }
    for (let j = 0; j < hidden; j++) {
      const value = (two[j]! >> shifts[1]) + secondBias[j]!;
      two[j] = Math.max(-secondLimit, Math.min(secondLimit, value));
    }
  }

  /** Returns the vote for a 1 at `node`, in 1/256 of a logit, not clamped. */
  logit(node: number): number {
    const { hidden, nodes, nodeBias, shifts } = this.#weights;
    const two = this.#two;
    let sum = 0;
    for (let j = 0, at = node * hidden; j < hidden; j++) sum += Math.imul(two[j]!, nodes[at + j]!);
    return (sum >> shifts[2]) + nodeBias[node]!;
  }
}

/** Multiplies every code vector of a tap's plane with the tap's part of the first layer. */
function tapTable({ embedding, hidden, first, shifts }: NetworkWeights, codes: Int8Array, tap: number): Int32Array {
  const rows = codes.length / embedding;
  const table = new Int32Array(rows * hidden);
  for (let row = 0; row < rows; row++) {
    const at = row * hidden;
    for (let e = 0; e < embedding; e++) {
      const code = codes[row * embedding + e]!;
      const from = (tap * embedding + e) * hidden;
      for (let j = 0; j < hidden; j++) table[at + j]! += Math.imul(code, first[from + j]!);
    }
    for (let j = 0; j < hidden; j++) table[at + j] = table[at + j]! >> shifts[0];
  }
  return table;
}
