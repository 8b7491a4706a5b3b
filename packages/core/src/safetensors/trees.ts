/** Parameter trees to safetensors files and back: names are dotted paths, array positions are numbers. */
import type { Backend } from '../backend/backend.ts';
import { fromHalfBits, toHalfBits } from '../cpu/half.ts';
import { sameShape } from '../dtype.ts';
import { FileFormatError } from '../errors.ts';
import { tensor } from '../ops/create/create.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { entriesOf, mapTree } from '../tree/tree.ts';
import { type HostTensor, openSafetensors, type RangeReader, writeSafetensors } from './safetensors.ts';

/** How to store a tree. */
export interface SaveTreeOptions {
  /** Store f32 tensors in half the space, rounded to nearest even. Default `'f32'`. */
  readonly precision?: 'f32' | 'f16';
  /** Free text for the file's header. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Reads the tensors of a tree back and writes them to a safetensors file. */
export async function saveTree(tree: unknown, options: SaveTreeOptions = {}): Promise<Uint8Array> {
  const tensors: Record<string, HostTensor> = {};
  for (const [path, leaf] of entriesOf(tree)) {
    if (!isTensor(leaf)) continue;
    const data = await leaf.data();
    const isHalved = options.precision === 'f16' && leaf.dtype === 'f32';
    tensors[path] = isHalved
      ? { data: Uint16Array.from(data, toHalfBits), shape: leaf.shape, dtype: 'f16' }
      : { data, shape: leaf.shape, dtype: leaf.dtype };
  }
  return writeSafetensors(tensors, options.metadata);
}

/**
 * Loads a safetensors file as a tree of tensors; f16 becomes f32. Branches whose keys are 0, 1, 2, … become arrays.
 *
 * @throws FileFormatError `FILE_DAMAGED`
 */
export async function loadTree(
  backend: Backend,
  source: Uint8Array | RangeReader,
): Promise<{ tree: unknown; metadata: Readonly<Record<string, string>> }> {
  const file = await openSafetensors(source);
  const tensors = await Promise.all(
    file.names.map(async (name) => [name, upload(backend, await file.read(name))] as const),
  );
  return { tree: nest(tensors), metadata: file.metadata };
}

function upload(backend: Backend, { data, shape, dtype }: HostTensor): Tensor {
  const values = dtype === 'f16' ? Float32Array.from(data, fromHalfBits) : data;
  return tensor(backend, values, shape);
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
    const host = await file.read(path);
    if (!sameShape(host.shape, leaf.shape)) {
      throw new FileFormatError({
        code: 'TENSOR_MISMATCH',
        message: `safetensors: expected '${path}' of shape [${leaf.shape}], got [${host.shape}]`,
        fix: 'Load it with the options that it was saved with',
      });
    }
    loaded.set(path, upload(backend, host));
  }
  return { tree: mapTree(template, (leaf, path) => loaded.get(path) ?? leaf) as T, metadata: file.metadata };
}

type Branch = Map<string, Branch | Tensor>;

function nest(tensors: readonly (readonly [string, Tensor])[]): unknown {
  const root: Branch = new Map();
  for (const [name, leaf] of tensors) {
    const keys = name.split('.');
    const last = keys.pop()!;
    let branch = root;
    for (const key of keys) {
      const child = branch.get(key);
      const next = child instanceof Map ? child : new Map();
      branch.set(key, next);
      branch = next;
    }
    branch.set(last, leaf);
  }
  return unwrap(root);
}

function unwrap(node: Branch | Tensor): unknown {
  if (!(node instanceof Map)) return node;
  const isList = [...Array(node.size).keys()].every((i) => node.has(String(i)));
  if (isList) return Array.from({ length: node.size }, (_, i) => unwrap(node.get(String(i))!));
  return Object.fromEntries([...node].map(([key, child]) => [key, unwrap(child)]));
}
