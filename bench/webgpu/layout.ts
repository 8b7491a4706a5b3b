/** Between our layouts and those of other libraries, on the host. */

/** `[H, W, C]` → `[C, H, W]`. */
export function toNchw(x: ArrayLike<number>, channels: number): Float32Array {
  const pixels = x.length / channels;
  return Float32Array.from({ length: x.length }, (_, i) => x[(i % pixels) * channels + Math.floor(i / pixels)]!);
}

/** `[C, H, W]` → `[H, W, C]`. */
export function fromNchw(x: ArrayLike<number>, channels: number): Float32Array {
  const pixels = x.length / channels;
  return Float32Array.from({ length: x.length }, (_, i) => x[(i % channels) * pixels + Math.floor(i / channels)]!);
}

/** `[3, 3, C, C]` (input channels before output channels) → `[C, C, 3, 3]` (output channels first). */
export function turnFilter(filter: Float32Array, channels: number): Float32Array {
  return Float32Array.from(filter, (_, i) => {
    const tap = i % 9;
    const from = Math.floor(i / 9) % channels;
    const to = Math.floor(i / 9 / channels);
    return filter[(tap * channels + from) * channels + to]!;
  });
}
