/** A small PNG reader for the tests: 8 bits per channel, not interlaced. */
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';

/** An image with the channels of its file: 1 gray, 3 RGB, 4 RGBA. */
export interface PngImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

const channelsOfColourType: Readonly<Record<number, number>> = { 0: 1, 2: 3, 4: 2, 6: 4 };

/** Reads a file. Throws on what it does not know. */
export function readPng(path: string): PngImage {
  const file = readFileSync(path);
  const width = file.readUInt32BE(16);
  const height = file.readUInt32BE(20);
  const channels = channelsOfColourType[file[25]!];
  if (file[24] !== 8 || channels === undefined || file[28] !== 0) throw new Error(`readPng: unsupported kind: ${path}`);
  const parts: Buffer[] = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(file.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return {
    data: unfilter(inflateSync(Buffer.concat(parts)), width * channels, height, channels),
    width,
    height,
    channels,
  };
}

function unfilter(raw: Buffer, stride: number, height: number, step: number): Uint8Array {
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]!;
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= step ? data[at - step]! : 0;
      const up = y > 0 ? data[at - stride]! : 0;
      const corner = x >= step && y > 0 ? data[at - stride - step]! : 0;
      data[at] = raw[y * (stride + 1) + 1 + x]! + prediction(filter, left, up, corner);
    }
  }
  return data;
}

function prediction(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(estimate - value)) as [
    number,
    number,
    number,
  ];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
