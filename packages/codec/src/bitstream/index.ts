/**
 * The `.vqk` bitstream: container, entropy coding and priors. Integers and bytes only; nothing outside this folder is
 * imported. The format is specified in `docs/bitstream.md`.
 */
export { type DecodeAlphaOptions, decodeAlpha, encodeAlpha } from './alpha/alpha.ts';
export { printable } from './bytes/utf8.ts';
export { type Candidates, type Choice, type ChooseOptions, chooseIndices } from './choose-indices.ts';
export { fitPackets } from './container/fit-packets.ts';
export {
  defaultLimits,
  displaySize,
  formatVersion,
  type Header,
  type ReadLimits,
  type TileLayout,
} from './container/header.ts';
export { accountBytes, type ByteAccount, type Inspection, inspect, type PacketBytes } from './container/inspect.ts';
export { type Container, readContainer } from './container/read-container.ts';
export {
  type ContainerContent,
  type ContainerParts,
  splitContainer,
  splitFile,
  writeContainer,
} from './container/write-container.ts';
export { type DecodedIndices, type DecodeIndicesOptions, decodeIndices, defaultMaxIndices } from './decode-indices.ts';
export { type EncodeIndicesOptions, encodeIndices } from './encode-indices.ts';
export { type BlockGrid, type Lattice, ownerOf } from './entropy/lattice.ts';
export { layPackets } from './entropy/lay-packets.ts';
export { BitstreamError, type BitstreamErrorCode, type BitstreamErrorDetails } from './errors.ts';
export {
  type CodedIndices,
  type EntropyMode,
  entropyModes,
  type IndexMap,
  type IndexShape,
  maxCodebookSize,
  maxPlanes,
} from './index-map.ts';
export { type Context, defaultProfile, type PlaneProfile, type Tap } from './mixing/profile.ts';
export { positionBits } from './position-bits.ts';
export { loadPrior } from './prior/load-prior.ts';
export type { Prior } from './prior/prior.ts';
export { createTablePrior } from './prior/write-prior.ts';
export { type ClusterOrderOptions, clusterOrder } from './training/cluster-order.ts';
export type { NetworkOptions } from './training/network-trainer.ts';
export { type TrainPriorOptions, type TrainPriorProgress, trainPrior } from './training/train-prior.ts';
