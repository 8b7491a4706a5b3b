/**
 * What a kernel's lowering works with: it takes operands, adds nodes to the ONNX graph and gives results.
 */
import { type Graph, type GraphView, type Shape, sizeOf } from '@vqkit/core';
import type { GraphBuilder } from '../model/builder.ts';
import type { ElementType } from '../model/types.ts';
import { type AxisOrder, channelsFirst, identityOrder, physicalShape, sameLayout } from './axes.ts';
import { blockedOrder } from './blocked.ts';
import { baseType } from './element-types.ts';
import { Operand, Value } from './value.ts';

/** Turns one recorded call into ONNX nodes: operands and attributes as the kernel has them, and the outputs to give values. */
export type Lower<
  Attributes = object,
  Inputs extends readonly (Operand | undefined)[] = readonly [Operand],
  Outputs extends readonly GraphView[] = readonly [GraphView],
> = (l: Lowering, inputs: Inputs, attributes: Attributes, outputs: Outputs) => Value | readonly Value[];

/** Operands of kernels with two inputs. */
export type Pair = readonly [Operand, Operand];

/** Operands, or outputs, of kernels with three. */
export type Triple<T = Operand> = readonly [T, T, T];

/** What a lowering may use beyond standard ONNX. */
export interface Dialect {
  /** Operators of onnxruntime's own (`com.microsoft`), which are faster but not part of the standard. */
  readonly contrib: boolean;
  /**
   * Channels per block of onnxruntime's blocked image layout on this processor (8 or 16), whose convolutions are the
   * fastest it has; 0 where there is none.
   */
  readonly blockSize: number;
  /** Split work whose temporaries grow with the input into chunks of bounded size; the number of chunks is then fixed. */
  readonly chunks: boolean;
  /** The engine uses several threads inside an operator. */
  readonly isParallel: boolean;
  /** The caller does not mind sums that are rounded a little less closely. */
  readonly toleratesRounding?: boolean;
}

/** How a result lies in memory; row-major and of the dtype's normal element type unless stated. */
export interface ResultForm {
  readonly order?: AxisOrder;
  readonly type?: ElementType;
  /** A logical shape of equal size that `order` speaks of, if not that of the output. */
  readonly shape?: Shape;
}

/** Name of an input that is always 1: the engine cannot know it, so what it multiplies is not merged with anything. */
export const oneName = 'one';

/** The state of compiling one graph. */
export class Lowering {
  readonly g: GraphBuilder;
  readonly dialect: Dialect;
  /** Sums over pixels `[N, C]` of blocked images by name, where they are known or can be had without the image. */
  readonly planeSums = new Map<string, () => string>();
  readonly #values = new Map<number, Value>();

  constructor(builder: GraphBuilder, dialect: Dialect) {
    this.g = builder;
    this.dialect = dialect;
  }

  /** A kernel's input. */
  take(view: GraphView): Operand {
    return new Operand(this, this.#values.get(view.id)!, view.shape);
  }

  /** Sets the value of an input, a constant or a node's output. */
  define(view: GraphView, value: Value): void {
    this.#values.set(view.id, value);
  }

  /** The value of an output, by the name of its elements. */
  result(view: GraphView, name: string, form: ResultForm = {}): Value {
    const shape = form.shape ?? view.shape;
    const order = form.order ?? identityOrder(shape.length);
    const type = form.type ?? baseType[view.dtype];
    this.g.know(name, type, physicalShape(shape, order));
    return new Value(view.dtype, { forms: [{ name, shape, order, type }] });
  }

  /** A value whose elements are all one number. */
  splat(view: GraphView, splat: number): Value {
    return new Value(view.dtype, { splat });
  }

  /** A value that is a smaller one, seen with `shape`, broadcast to the shape of an output. */
  broadcast(source: Value, shape: Shape, view: GraphView): Value {
    return new Value(view.dtype, { broadcast: { source: new Operand(this, source, shape), shape: view.shape } });
  }
}

/** A shape, perhaps with split channels, and the order in which its axes lie. */
export interface Layout {
  readonly shape: Shape;
  readonly order: AxisOrder;
}

/**
 * The layout in which an elementwise step over `shape` should run: the one that needs the fewest values moved. Among
 * equals blocks come first, and row-major last, since the others come from convolutions that will want them again.
 *
 * @param operands  Those of the whole shape count; blocks are only for steps where all others are single numbers.
 */
export function cheapestLayout(operands: readonly Operand[], shape: Shape): Layout {
  const whole = operands.filter((x) => x.size === sizeOf(shape) && x.shape.length === shape.length && x.size > 1);
  const isUniform = operands.every((x) => whole.includes(x) || x.size === 1);
  const blocks = isUniform ? whole.find((x) => x.isBlocked)?.blocks() : undefined;
  const candidates: Layout[] = [
    ...(blocks ? [{ shape: blocks.shape, order: blockedOrder }] : []),
    ...whole.flatMap((x) => plainOrders(x).map((order) => ({ shape, order }))),
    { shape, order: identityOrder(shape.length) },
  ];
  let best = candidates.at(-1)!;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const layout of candidates) {
    const cost = whole.reduce((sum, x) => sum + costOf(x, layout), 0);
    const isTie = cost === bestCost && sameLayout(best.shape, best.order, identityOrder(best.shape.length));
    if (cost < bestCost || isTie) [best, bestCost] = [layout, cost];
  }
  return best;
}

/** The order for steps that work on axes of their own. */
export function cheapestOrder(x: Operand): AxisOrder {
  return (
    plainOrders(x).find((order) => !sameLayout(x.shape, order, identityOrder(order.length))) ??
    identityOrder(x.shape.length)
  );
}

/** The orders that are there, and NCHW where the image is there in blocks, from which it is cheap to make. */
function plainOrders(x: Operand): AxisOrder[] {
  return x.isBlocked ? [...x.orders(), channelsFirst(4)] : x.orders();
}

/** What moving a value into a layout costs, in units of one reordering by the engine. */
function costOf(x: Operand, { shape, order }: Layout): number {
  if (x.value.splat !== undefined || x.view(shape).has(order)) return 0;
  const isImage = shape.length === 5 || x.isBlocked;
  return isImage ? 1 : 3;
}

/** Whether any value of a graph's nodes is empty in every output, so that nothing needs computing. */
export function isEmptyNode(node: Graph['nodes'][number]): boolean {
  return node.outputs.every((output) => sizeOf(output.shape) === 0);
}
