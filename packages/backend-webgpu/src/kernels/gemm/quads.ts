/** Reading four neighbouring values, whether or not they are aligned. */

/** Four neighbours at `index`; one vec4 when the buffer is bound as vec4s, and then `index` is a multiple of 4. */
export function quad(name: string, index: string, isFour: boolean): string {
  if (isFour) return `${name}[(${index}) / 4u]`;
  return `vec4f(${[0, 1, 2, 3].map((i) => `${name}[${index} + ${i}u]`).join(', ')})`;
}

/** One value at `index`. */
export function single(name: string, index: string, isFour: boolean): string {
  return isFour ? `${name}[(${index}) / 4u][(${index}) % 4u]` : `${name}[${index}]`;
}
