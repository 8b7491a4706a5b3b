/** Trees of values on the host: what is in a weights file, beside what a model expects. */
import { entriesOf, type HostTensor, type HostTree, isTensor } from '@vqkit/core';

/** Whether a node of a tree is a tensor. */
export function isHostTensor(tree: HostTree | undefined): tree is HostTensor {
  return tree !== undefined && 'data' in tree && ArrayBuffer.isView(tree.data);
}

/** Path of the first tensor with a value that is not finite, or undefined. */
export function findNotFinite(tree: HostTree): string | undefined {
  const found = entriesOf(tree).find(
    ([, leaf]) => leaf instanceof Float32Array && leaf.some((value) => !Number.isFinite(value)),
  );
  return found?.[0].replace(/\.data$/, '');
}

/**
 * A loaded tree with the branches that files cannot hold, those without tensors: parts of a product of finite scalar
 * quantizers, for example. Tensors come from the file alone; trees that were folded after training may have others.
 *
 * @param fresh  Parameters as a quantizer makes them, for their branches.
 */
export function withEmptyBranches(fresh: unknown, loaded: HostTree | undefined): HostTree {
  if (isHostTensor(loaded)) {
    if (isTensor(fresh) && fresh.shape.join() !== loaded.shape.join())
      throw new Error(`a tensor [${loaded.shape}] instead of [${fresh.shape}]`);
    return loaded;
  }
  const branch = (loaded ?? {}) as Readonly<Record<string, HostTree>>;
  const isBranch = (child: unknown): boolean => typeof child === 'object' && child !== null && !isTensor(child);
  if (!isBranch(fresh)) return branch;
  if (Array.isArray(fresh)) return fresh.map((child, i) => withEmptyBranches(child, branch[i]));
  const children = Object.entries(fresh as object).filter(
    ([key, child]) => branch[key] === undefined && isBranch(child),
  );
  const known = Object.entries(branch).map(([key, child]) => [
    key,
    withEmptyBranches((fresh as Record<string, unknown>)[key], child),
  ]);
  return Object.fromEntries([...known, ...children.map(([key, child]) => [key, withEmptyBranches(child, undefined)])]);
}
