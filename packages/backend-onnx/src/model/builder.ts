/**
 * Collects the nodes and constants of an ONNX graph. Equal nodes and small equal constants are made once, so lowerings
 * may ask for what they need without minding who asked before.
 */
import { exactJson } from '@vqkit/core';
import type { ElementType, ModelAttribute, ModelNode, ModelPort, ModelTensor } from './types.ts';

/** Attributes of a node, by name. */
export type NodeAttributes = Readonly<Record<string, ModelAttribute>>;

/** Host values of a constant. */
export type ConstantData = Float32Array | Int32Array | Uint32Array | Uint8Array | Uint16Array | BigInt64Array;

// Beyond this, looking for an equal constant costs more than it saves.
const maxSharedBytes = 4096;

/** A graph under construction. Values are named by strings, unique in the graph. */
export class GraphBuilder {
  readonly nodes: ModelNode[] = [];
  readonly initializers: ModelTensor[] = [];
  /** How values lie in memory, where lowerings said so: what a model is cut at must be known. */
  readonly ports = new Map<string, ModelPort>();
  readonly #names = new Map<string, string>();
  readonly #made = new Map<string, readonly string[]>();
  readonly #lists = new Map<string, readonly number[]>();
  /** What reshaped values were before they were reshaped at all. */
  readonly #unshaped = new Map<string, string>();
  readonly #prefix: string;
  #count = 0;

  /** @param prefix  Goes before every name; graphs inside graphs need their own. */
  constructor(prefix = 'v') {
    this.#prefix = prefix;
  }

  /** A name that nothing has yet. */
  freshName(): string {
    return `${this.#prefix}${this.#count++}`;
  }

  /** Says how a value lies in memory. */
  know(name: string, type: ElementType, dims: readonly number[]): void {
    this.ports.set(name, { name, type, dims });
  }

  /** Adds an operator with one output and returns its name. What is reshaped twice is reshaped once. */
  op(op: string, inputs: readonly string[], attributes: NodeAttributes = {}, domain = ''): string {
    if (op !== 'Reshape') return this.opMany(op, inputs, 1, attributes, domain)[0]!;
    const [given, shape] = inputs as [string, string];
    const source = this.#unshaped.get(given) ?? given;
    // A zero means a length of the input, so that one is needed as it is.
    const dims = this.#lists.get(shape);
    const isAbsolute = dims?.includes(0) === false;
    const name = this.opMany(op, [isAbsolute ? source : given, shape], 1, attributes)[0]!;
    this.#unshaped.set(name, source);
    const port = this.ports.get(given) ?? this.ports.get(source);
    if (port && isAbsolute && !dims.includes(-1)) this.know(name, port.type, dims);
    return name;
  }

  /** Adds an operator with `outputs` outputs and returns their names. */
  opMany(
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes: NodeAttributes = {},
    domain = '',
  ): readonly string[] {
    const key = `${domain}.${op}(${inputs})${outputs}${exactJson(attributes)}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const names = Array.from({ length: outputs }, () => this.freshName());
    this.nodes.push({ op, domain, inputs, outputs: names, attributes });
    this.#made.set(key, names);
    return names;
  }

  /** A constant: values with dimensions and an element type. */
  constant(data: ConstantData, dims: readonly number[], type: ElementType): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (bytes.length > maxSharedBytes) return this.#store(bytes, dims, type);
    const key = `${type}[${dims}]${bytes.join()}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = this.#store(bytes, dims, type);
    this.#names.set(key, name);
    return name;
  }

  /** A long list of one number: float `[length]`. */
  filled(value: number, length: number): string {
    const key = `${length} times ${value}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = this.constant(new Float32Array(length).fill(value), [length], 'float');
    this.#names.set(key, name);
    return name;
  }

  /** A list of integers, as shape-like inputs of operators want it: int64 `[n]`. */
  ints(values: readonly number[]): string {
    const name = this.constant(BigInt64Array.from(values, BigInt), [values.length], 'int64');
    this.#lists.set(name, values);
    return name;
  }

  /** A scalar. */
  scalar(value: number, type: ElementType): string {
    return this.constant(scalarData(value, type), [], type);
  }

  #store(bytes: Uint8Array, dims: readonly number[], type: ElementType): string {
    const name = this.freshName();
    this.initializers.push({ name, type, dims, bytes });
    return name;
  }
}

/** The host array of one value of an element type (float16 excepted). */
function scalarData(value: number, type: ElementType): ConstantData {
  switch (type) {
    case 'float':
      return Float32Array.of(value);
    case 'int32':
      return Int32Array.of(value);
    case 'uint32':
      return Uint32Array.of(value);
    case 'int64':
      return BigInt64Array.of(BigInt(value));
    default:
      return Uint8Array.of(value);
  }
}
