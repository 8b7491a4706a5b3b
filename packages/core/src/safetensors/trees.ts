/** Parameter trees to safetensors files and back: names are dotted paths, array positions are numbers. */
import type { Backend } from '../backend/backend.ts';
import { fromHalfBits, toHalfBits } from '../cpu/half.ts';
import { sameShape } from '../dtype.ts';
import { FileFormatError } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { entriesOf, mapTree } from '../tree/tree.ts';
import {
  type HostTensor,
  openSafetensors,
  type RangeReader,
  type SafetensorsFile,
  writeSafetensors,
} from './safetensors.ts';

/** How to store a tree. */
export interface SaveTreeOptions {
  /** Store f32 tensors in half the space, rounded to nearest even. Default `'f32'`. */
  readonly precision?: 'f32' | 'f16';
  /** Free text for the file's header. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Reads the tensors of a tree back and writes them to a safetensors file. @throws FileFormatError `NAME_AMBIGUOUS` for keys with dots that make two paths one; as `writeSafetensors` */
export async function saveTree(tree: unknown, options: SaveTreeOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const tensors = new Map<string, HostTensor>();
  for (const [path, leaf] of entriesOf(tree)) {
    if (!isTensor(leaf)) continue;
    const data = await leaf.data();
    const isHalved = options.precision === 'f16' && leaf.dtype === 'f32';
    const host: HostTensor = isHalved
      ? { data: Uint16Array.from(data, toHalfBits), shape: leaf.shape, dtype: 'f16' }
      : { data, shape: leaf.shape, dtype: leaf.dtype };
    if (tensors.has(path)) throw ambiguous(path);
    tensors.set(path, host);
  }
  return writeSafetensors(Object.fromEntries(tensors), options.metadata);
}

/** A tree of values on the host. */
export type HostTree = HostTensor | readonly HostTree[] | { readonly [key: string]: HostTree };

/**
 * Reads a whole safetensors file, also one that is open, as a tree of host values; f16 becomes f32. Branches whose keys are 0, 1, 2, … become arrays.
 *
 * @throws FileFormatError `FILE_DAMAGED`; `NAME_AMBIGUOUS` when a tensor has the name of a branch, or names are too deep.
 */
export async function readTree(
  source: Uint8Array | RangeReader | SafetensorsFile,
): Promise<{ tree: HostTree; metadata: Readonly<Record<string, string>> }> {
  const file = 'names' in source ? source : await openSafetensors(source);
  const values = await Promise.all(file.names.map(async (name) => [name, widen(await file.read(name))] as const));
  return { tree: nest(values), metadata: file.metadata };
}

/**
 * Copies a tree of host values to a backend. Inside a traced function the values become constants of the graph: so
 * networks are compiled with their weights built in.
 */
export function uploadTree(backend: Backend, tree: HostTree): unknown {
  if (isHostTensor(tree)) return tensor(backend, tree.data, tree.shape);
  if (Array.isArray(tree)) return tree.map((child: HostTree) => uploadTree(backend, child));
  return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, uploadTree(backend, child)]));
}

/** Loads a safetensors file as a tree of tensors: `readTree`, then `uploadTree`. */
export async function loadTree(
  backend: Backend,
  source: Uint8Array | RangeReader,
): Promise<{ tree: unknown; metadata: Readonly<Record<string, string>> }> {
  const { tree, metadata } = await readTree(source);
  return { tree: uploadTree(backend, tree), metadata };
}

function isHostTensor(tree: HostTree): tree is HostTensor {
  return 'data' in tree && ArrayBuffer.isView(tree.data);
}

function widen({ data, shape, dtype }: HostTensor): HostTensor {
  const isHalf = dtype === 'f16';
  return { data: isHalf ? Float32Array.from(data, fromHalfBits) : data, shape, dtype: isHalf ? 'f32' : dtype };
}

/**
 * Loads a safetensors file into the shape of a tree, by path: what `saveTree` wrote comes back exactly (f16 as f32).
 *
 * @param template  Gives the paths and the shapes to expect; its tensors stay as they are.
 * @throws FileFormatError `FILE_DAMAGED`, `TENSOR_MISSING`; `TENSOR_MISMATCH` when a shape differs.
 */
export async function restoreTree<T>(
  backend: Backend,
  source: Uint8Array | RangeReader,
  template: T,
): Promise<{ tree: T; metadata: Readonly<Record<string, string>> }> {
  const file = await openSafetensors(source);
  const loaded = new Map<string, Tensor>();
  for (const [path, leaf] of entriesOf(template)) {
    if (!isTensor(leaf)) continue;
    const host = widen(await file.read(path));
    if (!sameShape(host.shape, leaf.shape)) {
      throw new FileFormatError({
        code: 'TENSOR_MISMATCH',
        message: `safetensors: expected '${path}' of shape [${leaf.shape}], got [${host.shape}]`,
        fix: 'Load it with the options that it was saved with',
      });
    }
    loaded.set(path, tensor(backend, host.data, host.shape));
  }
  return { tree: mapTree(template, (leaf, path) => loaded.get(path) ?? leaf), metadata: file.metadata };
}

type Branch = Map<string, Branch | HostTensor>;

/** Levels of a tree: deeper than any network, and no trouble for a stack. */
const maxDepth = 100;

function ambiguous(name: string): FileFormatError {
  return new FileFormatError({
    code: 'NAME_AMBIGUOUS',
    message: `safetensors: expected names that make a tree of at most ${maxDepth} levels, in which a tensor is no branch, got '${name.slice(0, 60)}'`,
    fix: 'Read the tensors one by one with openSafetensors, or rename them',
  });
}

function nest(tensors: readonly (readonly [string, HostTensor])[]): HostTree {
  const root: Branch = new Map();
  for (const [name, leaf] of tensors) {
    const keys = name.split('.', maxDepth + 1);
    if (keys.length > maxDepth) throw ambiguous(name);
    const last = keys.pop()!;
    let branch = root;
    for (const key of keys) {
      const child = branch.get(key);
      if (child !== undefined && !(child instanceof Map)) throw ambiguous(name);
      const next: Branch = child ?? new Map();
      branch.set(key, next);
      branch = next;
    }
    if (branch.has(last)) throw ambiguous(name);
    branch.set(last, leaf);
  }
  return unwrap(root);
}

function unwrap(node: Branch | HostTensor): HostTree {
  if (!(node instanceof Map)) return node;
  const isList = [...Array(node.size).keys()].every((i) => node.has(String(i)));
  if (isList) return Array.from({ length: node.size }, (_, i) => unwrap(node.get(String(i))!));
  return Object.fromEntries([...node].map(([key, child]) => [key, unwrap(child)]));
}
