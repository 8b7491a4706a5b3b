/**
 * Validation on photos that are held out: how many of the positions lost one by one are guessed right, beside copying the
 * nearest neighbour, and how surprising the right ones are.
 */
import { concealLost } from '@vqkit/codec';
import { type Backend, compile, disposeTree, random, type Tensor, tensor, tensorsOf } from '@vqkit/core';
import type { IndexTransformer, IndexTransformerParams } from '@vqkit/models';
import { type IndexMap, type TokenizerModel, tokenizerOf } from '@vqkit/tokenizer';
import type { ValidationScores } from '../../loop/recipe.ts';
import { heldOutSquares } from '../photo/held-out.ts';
import { guessSums, withoutPadding } from './guess-loss.ts';
import { scattered } from './holes.ts';
import { words } from './index-batches.ts';
import { type CodeTables, codebookSizesOf, codeTables, lookedUp } from './index-maps.ts';

/** Shares of the positions that are lost. */
const shares = [0.05, 0.1, 0.2, 0.5];

/** Which photos, and whose indices. */
export interface IndexScoresOptions {
  readonly folder: string;
  /** A text file with one file name of the folder a line. */
  readonly file: string;
  readonly model: TokenizerModel;
  readonly network: IndexTransformer;
}

/** A photo's map at the highest rate, and what is lost of it. */
interface Case {
  readonly map: IndexMap;
  /** One per share, `[h, w]`: 1 where lost. */
  readonly lost: readonly Uint8Array[];
  /** Positions that copying gets right, per share. */
  readonly copied: readonly number[];
}

/** Measures on photos held out. */
export interface IndexScores {
  /** Per share in percent: `accuracy20`, `crossEntropy20` in nats, and `neighbours20`, the accuracy of copying. */
  measure(params: IndexTransformerParams): Promise<ValidationScores>;
  /** Frees what was compiled; idempotent. */
  dispose(): void;
}

/** Opens the measurement; photos are coded when they are needed first. */
export function indexScores({ folder, file, model, network }: IndexScoresOptions): IndexScores {
  const sizes = codebookSizesOf(model);
  const bits = Math.round(Math.log2(sizes.at(-1)!));
  const score = compile(
    (params: IndexTransformerParams, tables: CodeTables, indices: Tensor, holes: Tensor, rates: Tensor) => {
      const maps = lookedUp(tables, indices, rates);
      const logits = network.apply(params, { vectors: maps.vectors, holes, codes: maps.codes, bits });
      return guessSums(withoutPadding(logits, maps), maps, holes);
    },
  );
  let cases: Promise<readonly Case[]> | undefined;
  let tables: CodeTables | undefined;

  const open = async (backend: Backend): Promise<readonly Case[]> => {
    const tokenizer = tokenizerOf(model, backend);
    const result: Case[] = [];
    for (const image of await heldOutSquares(folder, file)) {
      const [map] = await tokenizer.encode(image);
      const stream = random(result.length);
      const lost = shares.map((share) => lossOf(map!, scattered(stream, share)));
      result.push({ map: map!, lost, copied: await Promise.all(lost.map((flags) => copiedRight(map!, flags))) });
    }
    tokenizer.dispose();
    return result;
  };

  return {
    measure: async (params) => {
      const { backend } = tensorsOf(params)[0]!;
      cases ??= open(backend);
      tables ??= codeTables(backend, model);
      const totals = shares.map(() => ({ lost: 0, right: 0, surprise: 0, copied: 0 }));
      for (const { map, lost, copied } of await cases) {
        const shape = [shares.length, map.height, map.width];
        const flags = Float32Array.from(lost.flatMap((own) => [...own]));
        const indices = Uint32Array.from(shares.flatMap(() => [...map.planes[0]!]));
        const inputs = [
          tensor(backend, indices, shape),
          tensor(backend, flags, [...shape, 1]),
          tensor(backend, words(shares.map(() => sizes.length - 1)).data),
        ] as const;
        const sums = score(params, tables, ...inputs);
        const [right, surprise] = [await sums.right.data(), await sums.surprise.data()];
        disposeTree([inputs, sums]);
        totals.forEach((total, i) => {
          total.lost += count(lost[i]!);
          total.right += right[i]!;
          total.surprise += surprise[i]!;
          total.copied += copied[i]!;
        });
      }
      const scores = totals.flatMap(({ lost, right, surprise, copied }, i) => {
        const percent = Math.round(100 * shares[i]!);
        return [
          [`accuracy${percent}`, right / lost],
          [`crossEntropy${percent}`, surprise / lost],
          [`neighbours${percent}`, copied / lost],
        ] as const;
      });
      return Object.fromEntries(scores);
    },
    dispose: () => {
      score.dispose();
      disposeTree(tables);
      tables = undefined;
    },
  };
}

/** 1 where a position is lost; at least one is. */
function lossOf({ width, height }: IndexMap, isLost: (x: number, y: number) => boolean): Uint8Array {
  const lost = Uint8Array.from({ length: width * height }, (_, i) => Number(isLost(i % width, Math.floor(i / width))));
  lost[0] = 1;
  return lost;
}

function count(flags: Uint8Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0);
}

/** Lost positions that get their index back from the nearest neighbour. */
async function copiedRight({ width, height, codebookSizes, planes }: IndexMap, lost: Uint8Array): Promise<number> {
  const indices = planes[0]!;
  const arrived = indices.map((index, i) => (lost[i] === 1 ? 0 : index));
  const filled = await concealLost(arrived, lost, { width, height, codebookSizes, modelId: '' });
  return filled.filter((index, i) => lost[i] === 1 && index === indices[i]).length;
}
