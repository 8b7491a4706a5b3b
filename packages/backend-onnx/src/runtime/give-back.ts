/**
 * Memory of large arrays goes back at once instead of with some later garbage collection. Results of hundreds of megabytes
 * per second otherwise keep the collector busy on cores that the engine computes on, and the process larger than it is.
 */
import type { TypedArray } from '@vqkit/core';

/** Smaller arrays are left to the collector: below, detaching costs as much as it saves. */
const smallestBytes = 64 * 1024;

/** `ArrayBuffer.prototype.transfer`: Node 22, browsers since 2024. */
interface Transferable {
  transfer?(byteLength: number): unknown;
}

/**
 * Makes the function that gives memory back. The array it gets is empty afterwards; an array that is only a part of its
 * buffer is left alone.
 */
export function memoryReturn(): (array: TypedArray) => void {
  const detach = 'transfer' in ArrayBuffer.prototype ? transferAway : postAway();
  return ({ buffer, byteLength }) => {
    const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
    if (isWhole && byteLength >= smallestBytes) detach(buffer);
  };
}

function transferAway(buffer: ArrayBuffer & Transferable): void {
  buffer.transfer?.(0);
}

/** Node 20: what is transferred to a port that nobody listens at is freed. */
function postAway(): (buffer: ArrayBuffer) => void {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return (buffer) => port1.postMessage(undefined, [buffer]);
}
