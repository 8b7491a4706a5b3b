/** Packets by their size: what a radio or a datagram can carry decides how many there are. */
import { BitstreamError, checkInteger } from '../errors.ts';
import { type ContainerContent, splitContainer } from './write-container.ts';

/** Most packets of a file. */
const maxPackets = 4096;

/**
 * Returns content whose header and framed packets, parity included, have at most `packetBytes` bytes each, in about as few
 * packets as possible; one when the whole file is that small.
 *
 * @param encode  Makes the content with so many index packets.
 * @param packetBytes  From 32.
 * @throws BitstreamError `VALUE_OUT_OF_RANGE` when no number of packets does it: the header, or alpha, which is one packet,
 *   is larger.
 */
export function fitPackets(encode: (packets: number) => ContainerContent, packetBytes: number): ContainerContent {
  const tries = fitPacketsSteps(encode, packetBytes);
  for (;;) {
    const { done, value } = tries.next();
    if (done) return value;
  }
}

/** @internal The same, with a step after each number of packets that is tried. */
export function* fitPacketsSteps(
  encode: (packets: number) => ContainerContent,
  packetBytes: number,
): Generator<undefined, ContainerContent, undefined> {
  checkInteger('packetBytes', packetBytes, 32, 2 ** 31);
  for (let packets = 1; ; ) {
    const content = encode(packets);
    const parts = splitContainer(content);
    const largest = Math.max(parts.header.length, ...parts.packets.map((packet) => packet.length));
    if (largest <= packetBytes) return content;
    const { width, height } = content.indices;
    const most = Math.min(maxPackets, width * height, 256 - (content.parity ?? 0));
    const isHeader = packets > 1 && parts.header.length > packetBytes;
    if (isHeader || (content.alpha && content.alpha.length + 8 > packetBytes) || packets >= most) {
      throw new BitstreamError({
        code: 'VALUE_OUT_OF_RANGE',
        message: `packetBytes: expected at least ${largest} for ${packets} packets, got ${packetBytes}`,
        fix: 'Allow larger packets, or leave out alpha and metadata',
      });
    }
    yield;
    packets = Math.min(most, Math.max(packets + 1, Math.floor((packets * largest) / packetBytes)));
  }
}
