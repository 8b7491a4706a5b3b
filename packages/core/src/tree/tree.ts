/**
 * Trees: nested arrays and plain objects with tensors (or numbers, strings, undefined) at the leaves. Parameters,
 * optimizer states and results are trees, so that one function walks them all. The order of leaves is that of
 * `Object.keys`, sorted, so that equal trees flatten equally whatever order they were built in.
 */
import { ValueError } from '../errors.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';

/** A tree with leaves of type `L`. */
export type Tree<L = Tensor> = L | readonly Tree<L>[] | { readonly [key: string]: Tree<L> };

/** The same tree shape with other leaves. */
export type MapLeaves<T, L> = T extends Tensor ? L : T extends object ? { [K in keyof T]: MapLeaves<T[K], L> } : T;

function isBranch(value: unknown): value is Record<string, unknown> | unknown[] {
  if (typeof value !== 'object' || value === null || isTensor(value)) return false;
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function keysOf(branch: Record<string, unknown> | unknown[]): string[] {
  return Array.isArray(branch) ? Object.keys(branch) : Object.keys(branch).sort();
}

/** Visits the leaves in order. Compiled functions do so at every call, with all their parameters. */
function walk(tree: unknown, path: string, visit: (leaf: unknown, path: string) => void): void {
  if (!isBranch(tree)) {
    visit(tree, path);
    return;
  }
  const prefix = path === '' ? '' : `${path}.`;
  for (const key of keysOf(tree)) walk((tree as Record<string, unknown>)[key], prefix + key, visit);
}

/** All leaves, in order; whatever is not an array or a plain object is a leaf. */
export function leavesOf(tree: unknown): unknown[] {
  const leaves: unknown[] = [];
  walk(tree, '', (leaf) => leaves.push(leaf));
  return leaves;
}

/** Leaves with their dotted paths: `encoder.conv0.weight`. */
export function entriesOf(tree: unknown, path = ''): [string, unknown][] {
  const entries: [string, unknown][] = [];
  walk(tree, path, (leaf, at) => entries.push([at, leaf]));
  return entries;
}

/** The tensors of a tree, in leaf order. */
export function tensorsOf(tree: unknown): Tensor[] {
  return leavesOf(tree).filter(isTensor);
}

/**
 * Applies `fn` to every tensor, keeping the shape of the tree; other leaves stay. Of tensors for tensors the tree keeps its type.
 */
export function mapTree<T>(tree: T, fn: (leaf: Tensor, path: string) => Tensor): T;
export function mapTree<T, L>(tree: T, fn: (leaf: Tensor, path: string) => L): MapLeaves<T, L>;
export function mapTree(tree: unknown, fn: (leaf: Tensor, path: string) => unknown): unknown {
  return mapLeaves(tree, (leaf, at) => (isTensor(leaf) ? fn(leaf, at) : leaf));
}

/** Applies `fn` to every leaf, tensor or not. */
export function mapLeaves(tree: unknown, fn: (leaf: unknown, path: string) => unknown, path = ''): unknown {
  if (!isBranch(tree)) return fn(tree, path);
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  if (Array.isArray(tree)) return tree.map((child, i) => mapLeaves(child, fn, at(String(i))));
  return Object.fromEntries(keysOf(tree).map((key) => [key, mapLeaves(tree[key], fn, at(key))]));
}

/**
 * Applies `fn` to corresponding tensors of trees of one shape.
 *
 * @throws ValueError `TREE_MISMATCH` when the trees differ in shape.
 */
export function zipTrees<T>(trees: readonly [T, ...unknown[]], fn: (...leaves: Tensor[]) => Tensor): T {
  const columns = trees.map((tree) => tensorsOf(tree));
  const [first, ...rest] = columns;
  if (rest.some((column) => column.length !== first!.length)) {
    throw new ValueError({
      code: 'TREE_MISMATCH',
      message: `expected trees of one shape, got ${columns.map((column) => column.length).join(', ')} tensors`,
      fix: 'Pass trees that were made from the same parameters',
    });
  }
  return unflatten(
    trees[0],
    first!.map((_, i) => fn(...columns.map((column) => column[i]!))),
  );
}

/** Puts `leaves` in the places of the tensors of `tree`, in order. */
export function unflatten<T>(tree: T, leaves: readonly Tensor[]): T {
  const paths = new Map<string, Tensor>();
  let next = 0;
  for (const [path, leaf] of entriesOf(tree)) if (isTensor(leaf)) paths.set(path, leaves[next++]!);
  return mapLeaves(tree, (leaf, path) => paths.get(path) ?? leaf) as T;
}
