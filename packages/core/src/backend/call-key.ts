/** Kernel calls as keys of caches: two calls have one key exactly when nothing but the values of their inputs differs. */
import type { TensorSpec } from '../dtype.ts';
import type { KernelCall } from './backend.ts';

/**
 * JSON in which NaN, the infinities and −0 stay apart, from each other and from text: plain JSON writes null and 0 for them.
 *
 * @param value  JSON-like, as attributes are.
 */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'number' || (Number.isFinite(part) && !Object.is(part, -0))) return part;
    return `\0${Object.is(part, -0) ? '-0' : part}`; // no attribute begins with this character
  });
}

/** The key of a call: kernel, attributes, shapes and dtypes. */
export function keyOfCall({ kernel, inputs, attributes, outputs }: KernelCall<TensorSpec>): string {
  const specs = [inputs, outputs].map((list) => list.map(({ dtype, shape }) => `${dtype}[${shape}]`).join());
  return `${kernel} ${specs.join(' → ')} ${exactJson(attributes)}`;
}
