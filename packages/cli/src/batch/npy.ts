/** NumPy's file format, version 1.0: what `numpy.load` reads. @see numpy.org/doc/stable/reference/generated/numpy.lib.format.html */

/** An array in C order as the bytes of a `.npy` file, little-endian as all machines of Node are. */
export function toNpy(data: Uint16Array | Uint32Array, shape: readonly number[]): Uint8Array {
  const fields = `{'descr': '<u${data.BYTES_PER_ELEMENT}', 'fortran_order': False, 'shape': (${shape.map((size) => `${size},`).join(' ')}), }`;
  // The values begin at a multiple of 64; before the text come six bytes of magic, two of version and two of length.
  const length = Math.ceil((10 + fields.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + data.byteLength);
  bytes.set(new TextEncoder().encode(`\0NUMPY\x01\0\0\0${fields.padEnd(length - 11)}\n`));
  bytes[0] = 0x93;
  new DataView(bytes.buffer).setUint16(8, length - 10, true);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), length);
  return bytes;
}
