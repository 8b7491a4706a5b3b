/** What each position of an index map costs: the information of its decisions under the models that code them. */
import { type DecodeIndicesOptions, decodeIndices, findPrior } from './decode-indices.ts';
import { deal } from './entropy/lattice.ts';
import { RangeEncoder } from './entropy/range-coder.ts';
import type { CodedIndices } from './index-map.ts';
import { createSymbolModels, mixingModels } from './index-models.ts';
import { codeLeaves } from './mixing/mixing-coder.ts';

/** Adds up information in place of writing bytes. */
class BitCounter extends RangeEncoder {
  total = 0;

  override encode(_start: number, size: number, total: number): void {
    this.total += Math.log2(total / size);
  }

  override uniform(_value: number, count: number): void {
    this.total += Math.log2(count);
  }

  override bit(p: number, bit: number): number {
    this.total -= Math.log2((bit === 1 ? p : 65536 - p) / 65536);
    return bit;
  }
}

/**
 * Bits of every position, all planes together, in raster order: 0 where it is lost. Their sum is what the packets hold, but
 * for the last byte of each, and padding.
 *
 * @throws BitstreamError as `decodeIndices`.
 */
export function positionBits(coded: CodedIndices, options: DecodeIndicesOptions = {}): Float32Array<ArrayBuffer> {
  const { planes } = decodeIndices(coded, options);
  const prior = findPrior(coded, options.prior);
  const { width, height, step, blocks, packets, codebookSizes, mode } = coded;
  const bits = new Float32Array(width * height);
  const counter = new BitCounter();
  const dealt = deal({ width, height, packets: packets.length, step, blocks });
  /** Visits as `deal` does, and books what a visit costs to its position. */
  const visit = (packet: number, code: (x: number, y: number) => void): void =>
    dealt.visit(packet, (x, y) => {
      const before = counter.total;
      code(x, y);
      bits[y * width + x] = counter.total - before;
    });
  const createMixing = mode === 'mixing' ? mixingModels(codebookSizes, prior) : undefined;
  const leaves = planes.map((indices, plane) => {
    const leafOf = createMixing && prior?.planes[plane]?.leafOf;
    return Int32Array.from(indices, (index) => (leafOf ? leafOf[index]! : index));
  });
  packets.forEach((data, packet) => {
    if (data === undefined) return;
    if (createMixing) return codeLeaves(counter, createMixing(), { lattice: dealt.lattice, visit }, packet, leaves);
    const models = createSymbolModels(codebookSizes, mode, prior);
    visit(packet, (x, y) => {
      models.forEach((model, plane) => model.encode(counter, planes[plane]![y * width + x]!));
    });
  });
  return bits;
}
