/** `@vqkit/core`: tensors, operations, gradients and compiled programs, with exchangeable backends. */

export { vjp } from './autograd/backward.ts';
export { stopGradient } from './autograd/stop-gradient.ts';
export {
  type CustomGradient,
  checkpoint,
  customGrad,
  type LossAndAux,
  type ValueAndGradient,
  valueAndGrad,
} from './autograd/value-and-grad.ts';
export type {
  Attributes,
  Backend,
  Executable,
  ExecutableOptions,
  Graph,
  GraphConstant,
  GraphNode,
  GraphPort,
  GraphView,
  Handle,
  KernelCall,
  MemoryStatistics,
  View,
} from './backend/backend.ts';
export { exactJson, keyOfCall } from './backend/call-key.ts';
export type { Activation, CompositeKernel, CompositeKernels } from './backend/composites.ts';
export type {
  BinaryOp,
  CompareOp,
  Conv2dAttributes,
  Pool2dAttributes,
  ReduceOp,
  RequiredKernel,
  RequiredKernels,
  UnaryOp,
} from './backend/kernels.ts';
export { emptyReductions } from './backend/kernels.ts';
export {
  type BackendLoader,
  type BackendModule,
  type OpenedBackend,
  openBackend,
  type PassedOver,
} from './backend/open-backend.ts';
export type { Quantized, QuantizeOptions, Quantizer, UpdateOptions } from './codebook/quantizer.ts';
export { cpu } from './cpu/cpu.ts';
export { filled } from './cpu/create.ts';
export { fromHalfBits, toHalfBits } from './cpu/half.ts';
export { requiredKernels, runOnHost } from './cpu/run-on-host.ts';
export { broadcastStrides, type MergedAxes, mergeAxes } from './cpu/walk.ts';
export {
  allocate,
  arrayTypes,
  byteSizeOf,
  bytesPerElement,
  type DType,
  dtypeOfArray,
  isFloat,
  type Shape,
  sameShape,
  sizeOf,
  stridesOf,
  type TensorSpec,
  type TypedArray,
} from './dtype.ts';
export {
  BackendError,
  type ErrorDetails,
  FileFormatError,
  MemoryError,
  ShapeError,
  TraceError,
  ValueError,
  VqkitError,
} from './errors.ts';
export { type FetchBytesOptions, fetchBytes } from './fetch-bytes.ts';
export { Lru } from './lru.ts';
export { type NumberRange, numberProblem } from './number-option.ts';
export { activate, gelu, leakyRelu, logSoftmax, silu, softmax, softplus } from './ops/activation.ts';
export { type AttentionOptions, attention, mergeHeads, splitHeads } from './ops/attention.ts';
export {
  add,
  bitAnd,
  bitOr,
  bitXor,
  div,
  maximum,
  minimum,
  mod,
  mul,
  type Operand,
  pow,
  shiftLeft,
  shiftRight,
  sub,
} from './ops/binary.ts';
export { broadcastShapes, checkDTypes, checkRank, checkShape, normalizeAxis } from './ops/broadcast-shapes.ts';
export {
  cast,
  equal,
  greater,
  greaterEqual,
  isFinite,
  isNaN,
  less,
  lessEqual,
  notEqual,
  where,
} from './ops/compare.ts';
export {
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  conv2d,
  convTranspose2d,
  windowOutput,
} from './ops/conv2d.ts';
export { type Conv2dFusedOptions, conv2dFused } from './ops/conv2d-fused.ts';
export { clone, fill, ones, onesLike, range, scalar, tensor, transfer, zeros, zerosLike } from './ops/create.ts';
export { defineOp, type GradientContext, type Op, type OpDefinition } from './ops/define-op.ts';
export { gather, oneHot, type ScatterAddOptions, scatterAdd, takePerRow } from './ops/gather.ts';
export { concat, split, stack, transpose } from './ops/layout.ts';
export { crossEntropy, meanAbsoluteError, meanSquaredError } from './ops/loss.ts';
export { linear, type MatmulOptions, matmul } from './ops/matmul.ts';
export { type CodeStatistics, codeStatistics, type NearestCode, nearestCode } from './ops/nearest-code.ts';
export { type BatchNormResult, batchNorm, type GroupNormOptions, groupNorm, layerNorm } from './ops/norm.ts';
export { type ImagePads, padEdge, padReflect } from './ops/pad-image.ts';
export { pixelShuffle, pixelUnshuffle } from './ops/pixel-shuffle.ts';
export { avgPool, maxPool, type Pool2dOptions } from './ops/pool2d.ts';
export {
  argmax,
  argmin,
  broadcastTo,
  max,
  mean,
  min,
  norm,
  prod,
  type ReduceOptions,
  sum,
  sumTo,
} from './ops/reduce.ts';
export { expandDims, reshape, squeeze } from './ops/reshape.ts';
export {
  type ResizeMethod,
  type ResizeOptions,
  resize,
  resizeKernels,
  resizeWeights,
  upsampleNearest,
} from './ops/resize.ts';
export { flip, pad, type SliceOptions, slice } from './ops/slice.ts';
export {
  abs,
  ceil,
  clamp,
  cos,
  erf,
  exp,
  floor,
  identity,
  log,
  logicalNot,
  neg,
  reciprocal,
  relu,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sqrt,
  square,
  tanh,
} from './ops/unary.ts';
export { type AdamOptions, type AdamState, adam } from './optim/adam.ts';
export { clipByGlobalNorm, emaUpdate, globalNorm } from './optim/gradients.ts';
export { type MuonOptions, type MuonState, muon } from './optim/muon.ts';
export { type Optimizer, type PartitionState, partition } from './optim/optimizer.ts';
export { type CosineOptions, constantSchedule, cosineSchedule, type Schedule } from './optim/schedules.ts';
export { type EpilogueOptions, joinEpilogue } from './passes/epilogue.ts';
export { type Join, joinNodes } from './passes/join-nodes.ts';
export { type Uses, usesOf } from './passes/uses.ts';
export { Random, type RandomState, random } from './random/random.ts';
export { randomBits } from './random/random-bits.ts';
export { threefryParity, threefryRotations } from './random/threefry.ts';
export { type ReadRegularFileOptions, readRegularFile } from './read-regular-file.ts';
export {
  type HostTensor,
  openSafetensors,
  type RangeReader,
  type SafetensorsFile,
  type StorableTensor,
  writeSafetensors,
} from './safetensors/safetensors.ts';
export {
  type HostTree,
  loadTree,
  readTree,
  restoreTree,
  type SaveTreeOptions,
  saveTree,
  uploadTree,
} from './safetensors/trees.ts';
export { disposeTree, Scope, tidy } from './tensor/scope.ts';
export { isTensor, Tensor } from './tensor/tensor.ts';
export { atOnce, eventLoopTurn, inTurns, type Steps, untilAborted, workPerTurn } from './tensor/waiting.ts';
export { type Compiled, type CompileOptions, compile } from './trace/compile.ts';
export { interpret } from './trace/interpret.ts';
export { type SpecTree, trace } from './trace/trace.ts';
export {
  entriesOf,
  leavesOf,
  type MapLeaves,
  mapLeaves,
  mapTree,
  type Tree,
  tensorsOf,
  unflatten,
  zipTrees,
} from './tree/tree.ts';
