/**
 * Rate-distortion choice of indices: at every position, of some indices that stand for nearly the same, the one that
 * minimises error + weight · bits, with the bits that the mixing model would spend at that very place. The model learns
 * from what was chosen, so later choices follow earlier ones. Decoders need not know.
 *
 * @see Ramchandran, Vetterli 1994, "Rate-distortion optimal fast thresholding"; the trellis quantization of x264
 */
import { deal } from './entropy/lattice.ts';
import { layPackets } from './entropy/lay-packets.ts';
import type { BitCoder } from './entropy/range-coder.ts';
import type { IndexMap } from './index-map.ts';
import { mixingModels } from './index-models.ts';
import { createTapReader } from './mixing/mixing-coder.ts';
import type { Prior } from './prior/prior.ts';

/** Indices to choose from, of a map of one plane. */
export interface Candidates {
  /** Grid in positions. */
  readonly width: number;
  readonly height: number;
  /** K. */
  readonly codebookSize: number;
  /** Candidates per position. */
  readonly count: number;
  /** `[width · height, count]`, the one of the smallest error first. */
  readonly indices: Uint32Array;
  /** What each is off, in any unit, ascending at a position; Infinity where there are fewer. */
  readonly errors: Float32Array;
}

/** What was chosen. */
export interface Choice {
  readonly map: IndexMap & { readonly planes: readonly Uint32Array[] };
  /** Sum of the errors of what was chosen. */
  readonly error: number;
  /** What the indices take, about. */
  readonly bits: number;
}

/** How to choose. */
export interface ChooseOptions {
  /** What a bit costs, in the unit of the errors. */
  readonly weight: number;
  readonly prior?: Prior | undefined;
  /** Packets that the map will be cut into. Default 1. */
  readonly packets?: number | undefined;
}

/** Chooses indices. The same candidates, weight and prior give the same choice on every machine. */
export function chooseIndices(candidates: Candidates, options: ChooseOptions): Choice {
  const { width, height, codebookSize, count, indices, errors } = candidates;
  const { weight, prior, packets = 1 } = options;
  const leafOf = prior?.planes[0]?.leafOf;
  const leaves = new Int32Array(width * height);
  const plane = new Uint32Array(width * height);
  const createModels = mixingModels([codebookSize], prior);
  const dealt = deal(layPackets(width, height, packets));
  let error = 0;
  let bits = 0;
  for (let packet = 0; packet < packets; packet++) {
    const [model] = createModels();
    const readTaps = createTapReader(model!.profile, dealt.lattice, [leaves]);
    const taps = new Int32Array(model!.profile.taps.length);
    dealt.visit(packet, (x, y) => {
      const at = y * width + x;
      readTaps(x, y, taps);
      model!.prepare(taps);
      let [best, bestLeaf, bestBits, lowest] = [0, 0, 0, Number.POSITIVE_INFINITY];
      // Errors ascend: what is already dearer without its bits ends the search.
      for (let c = at * count; c < (at + 1) * count && errors[c]! < lowest; c++) {
        const leaf = leafOf ? leafOf[indices[c]!]! : indices[c]!;
        const leafBits = model!.bits(leaf);
        const cost = errors[c]! + weight * leafBits;
        if (cost < lowest) [best, bestLeaf, bestBits, lowest] = [c, leaf, leafBits, cost];
      }
      leaves[at] = bestLeaf;
      plane[at] = indices[best]!;
      error += errors[best]!;
      bits += bestBits;
      model!.codePrepared(nowhere, bestLeaf);
    });
  }
  return { map: { width, height, codebookSizes: [codebookSize], planes: [plane] }, error, bits };
}

/** Takes decisions and writes nothing: the model learns as if they were coded. */
const nowhere: BitCoder = { bit: (_, bit) => bit };
