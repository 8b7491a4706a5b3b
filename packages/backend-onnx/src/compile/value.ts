/**
 * A value of a graph while it is compiled. One logical tensor may exist in several physical forms (NHWC and NCHW,
 * bool and uint8); a form is made when somebody first asks for it and is then kept. So transposes appear only where
 * layouts really meet.
 */
import { type DType, type Shape, sameShape, sizeOf } from '@vqkit/core';
import type { GraphBuilder } from '../model/builder.ts';
import type { ElementType } from '../model/types.ts';
import {
  type AxisOrder,
  channelsFirst,
  identityOrder,
  permutationBetween,
  physicalShape,
  reshapeOrder,
  sameLayout,
} from './axes.ts';
import { blockedOrder, blockedShape, imageShape, intoBlocks, isBlocked, outOfBlocks } from './blocked.ts';
import { baseType, castTo, convert } from './element-types.ts';
import type { Dialect } from './lowering.ts';
import { transposed } from './transpose.ts';

/** One way in which a value lies in memory. */
export interface Form {
  readonly name: string;
  /** The logical shape that `order` speaks of; the element count is the value's. */
  readonly shape: Shape;
  readonly order: AxisOrder;
  readonly type: ElementType;
}

/** A value and its forms. Lazy values (`splat`, `broadcast`) have none until somebody needs them whole. */
export class Value {
  readonly dtype: DType;
  readonly forms: Form[];
  /** Every element is this number. */
  readonly splat: number | undefined;
  /** This operand, broadcast to a shape. */
  readonly broadcast: { readonly source: Operand; readonly shape: Shape } | undefined;

  constructor(dtype: DType, given: { forms?: Form[]; splat?: number; broadcast?: Value['broadcast'] }) {
    this.dtype = dtype;
    this.forms = given.forms ?? [];
    this.splat = given.splat;
    this.broadcast = given.broadcast;
  }
}

/** What making forms needs. */
export interface FormMaker {
  readonly g: GraphBuilder;
  readonly dialect: Dialect;
}

/** A value seen with a shape: what a kernel takes as input. */
export class Operand {
  readonly value: Value;
  readonly shape: Shape;
  readonly #maker: FormMaker;

  constructor(maker: FormMaker, value: Value, shape: Shape) {
    this.#maker = maker;
    this.value = value;
    this.shape = shape;
  }

  /** Element type on our side. */
  get dtype(): DType {
    return this.value.dtype;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The same values seen with another shape of equal size. */
  view(shape: Shape): Operand {
    return new Operand(this.#maker, this.value, shape);
  }

  /** The orders in which the values exist already, for this shape. */
  orders(): AxisOrder[] {
    const orders: AxisOrder[] = [];
    for (const form of this.value.forms) {
      const order = reshapeOrder(form.shape, form.order, this.shape);
      if (order && !orders.some((known) => sameLayout(this.shape, known, order))) orders.push(order);
    }
    return orders;
  }

  /** Whether a form of this layout exists already. */
  has(order: AxisOrder): boolean {
    return this.orders().some((known) => sameLayout(this.shape, known, order));
  }

  /** The image seen with its channels split into the engine's blocks; undefined where that cannot be. */
  blocks(): Operand | undefined {
    const shape = blockedShape(this.shape, this.#maker.dialect.blockSize);
    return shape && this.dtype === 'f32' ? this.view(shape) : undefined;
  }

  /** Whether the image exists in the engine's blocked layout. */
  get isBlocked(): boolean {
    return this.blocks()?.has(blockedOrder) ?? false;
  }

  /** The operand without broadcasting: a smaller one with the same values where this one is lazily broadcast. */
  compact(): Operand {
    const { splat, broadcast } = this.value;
    if (splat !== undefined) return new Operand(this.#maker, this.#scalar(splat), []);
    return broadcast && sameShape(broadcast.shape, this.shape) ? broadcast.source.compact() : this;
  }

  /**
   * Name of the values in an order and an element type, made if need be.
   *
   * @param order  Defaults to row-major.
   * @param type  Defaults to the element type that the dtype normally has inside a graph.
   */
  name(order: AxisOrder = identityOrder(this.shape.length), type: ElementType = baseType[this.dtype]): string {
    const exact = this.#exact(order, type);
    if (exact !== undefined) return exact;
    this.#materialize(order);
    const sameType = this.value.forms.filter((form) => form.type === type);
    if (sameType.length === 0) return this.#fromOtherType(order, type);
    for (const form of sameType) {
      const known = reshapeOrder(form.shape, form.order, this.shape);
      if (known && sameLayout(this.shape, known, order)) return this.#keep(this.#reshape(form, order), order, type);
    }
    const reordered = this.#reorder(order, type);
    if (reordered !== undefined) return this.#keep(reordered, order, type);
    const source = sameType.find((form) => reshapeOrder(form.shape, form.order, this.shape)) ?? sameType[0]!;
    return this.#keep(this.#transpose(source, order), order, type);
  }

  #scalar(splat: number): Value {
    const type = baseType[this.dtype];
    // Half precision constants are written by the engine itself.
    const isHalf = type === 'float16';
    const scalar = this.#maker.g.scalar(splat, isHalf ? 'float' : type);
    const name = isHalf ? castTo(this.#maker.g, scalar, type) : scalar;
    return new Value(this.dtype, { forms: [{ name, shape: [], order: [], type }] });
  }

  #exact(order: AxisOrder, type: ElementType): string | undefined {
    return this.value.forms.find(
      (form) => form.type === type && sameShape(form.shape, this.shape) && sameShape(form.order, order),
    )?.name;
  }

  #keep(name: string, order: AxisOrder, type: ElementType): string {
    this.#maker.g.know(name, type, physicalShape(this.shape, order));
    this.value.forms.push({ name, shape: this.shape, order, type });
    return name;
  }

  #reshape(form: Form, order: AxisOrder): string {
    const to = physicalShape(this.shape, order);
    if (sameShape(physicalShape(form.shape, form.order), to)) return form.name;
    return this.#maker.g.op('Reshape', [form.name, this.#maker.g.ints(to)]);
  }

  /** Between the engine's blocked layout and plain ones, by the engine's own operators. */
  #reorder(order: AxisOrder, type: ElementType): string | undefined {
    const { g, dialect } = this.#maker;
    if (type !== 'float') return undefined;
    if (isBlocked(this.shape, order, dialect.blockSize)) {
      const image = this.view(imageShape(this.shape));
      const isLast = !image.has(channelsFirst(4));
      return intoBlocks(g, image.name(isLast ? undefined : channelsFirst(4)), this.shape, isLast);
    }
    const isLast = sameLayout(this.shape, order, identityOrder(this.shape.length));
    const blocks = this.blocks();
    if (!blocks?.has(blockedOrder) || !(isLast || sameLayout(this.shape, order, channelsFirst(4)))) return undefined;
    return outOfBlocks(g, blocks.name(blockedOrder), blocks.shape, isLast);
  }

  #transpose(form: Form, order: AxisOrder): string {
    const known = reshapeOrder(form.shape, form.order, this.shape);
    if (known === undefined) {
      // The memory order does not allow this shape: go back to one that does first.
      const isImage = form.type === 'float' && isBlocked(form.shape, form.order, this.#maker.dialect.blockSize);
      const plain = this.view(isImage ? imageShape(form.shape) : form.shape);
      const first = isImage ? reshapeOrder(plain.shape, channelsFirst(4), this.shape) : undefined;
      const isFirst = first !== undefined && sameLayout(this.shape, first, order);
      plain.name(isFirst ? channelsFirst(4) : identityOrder(plain.shape.length), form.type);
      return this.name(order, form.type);
    }
    const dims = physicalShape(this.shape, known);
    return transposed(this.#maker, this.#reshape(form, known), dims, permutationBetween(known, order));
  }

  #fromOtherType(order: AxisOrder, type: ElementType): string {
    const form = this.value.forms.find((candidate) => this.view(candidate.shape).has(order)) ?? this.value.forms[0]!;
    const name = convert(this.#maker.g, form.name, this.dtype, form.type, type);
    this.value.forms.push({ ...form, name, type });
    return this.name(order, type);
  }

  /** Makes the first form of a lazy value. */
  #materialize(order: AxisOrder): void {
    const { splat, broadcast, forms } = this.value;
    if (forms.length > 0) return;
    const type = baseType[this.dtype];
    if (splat !== undefined) {
      const { name } = this.#scalar(splat).forms[0]!;
      const dims = physicalShape(this.shape, order);
      this.#keep(dims.length === 0 ? name : this.#maker.g.op('Expand', [name, this.#maker.g.ints(dims)]), order, type);
    } else if (broadcast !== undefined) {
      const { source, shape } = broadcast;
      const own = sameShape(shape, this.shape) ? order : identityOrder(shape.length);
      const name = this.#maker.g.op('Expand', [
        broadcastName(source, own),
        this.#maker.g.ints(physicalShape(shape, own)),
      ]);
      forms.push({ name, shape, order: own, type });
    }
  }
}

/**
 * Name of an operand that takes part in broadcasting against values of rank `order.length` that lie in `order`.
 * Row-major needs no leading axes, since broadcasting adds them.
 */
export function broadcastName(x: Operand, order: AxisOrder, type?: ElementType): string {
  if (x.size === 1 && x.shape.length <= order.length) return x.name(undefined, type);
  if (order.every((axis, i) => axis === i)) return x.name(undefined, type);
  const padded = [...new Array<number>(order.length - x.shape.length).fill(1), ...x.shape];
  return x.view(padded).name(order, type);
}
